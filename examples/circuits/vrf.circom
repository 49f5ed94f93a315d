pragma circom 2.2.0;

include "lib/bits.circom";
include "lib/domains.circom";
include "lib/map-to-curve.circom";
include "lib/poseidon.circom";
include "lib/scalar-mul.circom";

// A verifiable random function on Baby Jubjub, as a randomness coprocessor would serve it:
//
//   key     x = 2^248 + 1 + 2 secret, secret < 2^248; the public key is u(x B)
//   input   r = Poseidon(publicKey, consumer, seed, requestId),  P = 8 * map(r)
//   output  randomness = Poseidon(u(x P), publicKey, r, 0)
//
// The output is unique for a public key and an input. The first coordinate u(x B) fixes x up to sign, the map
// fixes P up to sign, and neither sign changes u(x P). P has order l, like B, so x counts modulo l on both
// sides.
template Vrf() {
    signal input consumer;
    signal input seed;
    signal input requestId;

    signal input secret;
    signal input mapTakesFirst;
    signal input mapV;

    signal output publicKey;
    signal output randomness;

    component bits = Bits(248);
    bits.in <== secret;
    component key = FixedMul(248);
    key.bits <== bits.bits;
    publicKey <== key.out.u;
    _ <== key.out.v;

    component inputHash = Poseidon4(domain_vrf_input());
    inputHash.in <== [publicKey, consumer, seed, requestId];
    component map = MapToCurve();
    map.r <== inputHash.out;
    map.takesFirst <== mapTakesFirst;
    map.v <== mapV;
    component point = ClearCofactor();
    point.p <== map.out;

    component product = VariableMul(248);
    product.bits <== bits.bits;
    product.point <== point.out;
    _ <== product.out.v;

    component outputHash = Poseidon4(domain_vrf_output());
    outputHash.in <== [product.out.u, publicKey, inputHash.out, 0];
    randomness <== outputHash.out;
}

component main { public [consumer, seed, requestId] } = Vrf();
