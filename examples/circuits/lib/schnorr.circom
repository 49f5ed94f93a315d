pragma circom 2.2.0;

include "bits.circom";
include "domains.circom";
include "poseidon.circom";
include "scalar-mul.circom";

// Schnorr signatures on Baby Jubjub. Keys and nonce points are given by their first coordinate alone, as in
// BIP 340.
//
//   key        A = a B; the public key is u(A).
//   challenge  h = Poseidon(u(R), u(A), message[0], message[1]), below 2^253 (the signer draws another nonce
//              otherwise, so the reading of h as an integer is unique); c = 2^128 + 1 + 2 (h mod 2^128).
//   response   s with s B = R + c A, of the form s = 2^248 + 1 + 2 x, x < 2^248 (again by drawing).
//
// Because u(A) = u(-A), a key stands for a or -a, and whoever knows the one knows the other.

// Refuses unless (nonce, response) signs `message` under the key 8 * keyRoot, whose first coordinate it
// returns. `response` is x. Any key of the subgroup of order l has such a root, and nothing else has.
template SchnorrSignature() {
    signal input message[2];
    input Point() keyRoot;
    signal input nonce;
    signal input response;
    signal output key;

    component publicPoint = ClearCofactor();
    publicPoint.p <== keyRoot;
    key <== publicPoint.out.u;

    component hash = Poseidon4(domain_challenge());
    hash.in <== [nonce, key, message[0], message[1]];
    component challenge = Bits(253);
    challenge.in <== hash.out;

    component right = VariableMul(128);
    for (var i = 0; i < 128; i++) {
        right.bits[i] <== challenge.bits[i];
    }
    for (var i = 128; i < 253; i++) {
        _ <== challenge.bits[i];
    }
    right.point <== publicPoint.out;

    component responseBits = Bits(248);
    responseBits.in <== response;
    component left = FixedMul(248);
    left.bits <== responseBits.bits;

    // R = s B - c A. A prover who knows the key's secret could make s B = ±c A: the inverse rules it out.
    signal inverse <-- 1 / (right.out.u - left.out.u);
    inverse * (right.out.u - left.out.u) === 1;
    component difference = Add();
    difference.p <== left.out;
    difference.q.u <== right.out.u;
    difference.q.v <== -right.out.v;
    difference.sum.u === nonce;
    _ <== difference.sum.v;
}
