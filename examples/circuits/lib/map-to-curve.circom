pragma circom 2.2.0;

include "curve.circom";

// Elligator 2 (RFC 9380, section 6.7.1) from a field element to Baby Jubjub, with Z = 5, the smallest
// non-square here.
//
// With u1 = -A / (1 + Z r^2) and u2 = -A - u1, the value of u^3 + A u^2 + u at u2 is Z r^2 times its value at
// u1, so exactly one of the two is the first coordinate of a point: the prover says which and shows a root,
// and cannot show one for the other. (1 + Z r^2 is never 0: -1 is a square and Z is not. r = 0 would need a
// hash to hit 0.) The sign of v is free: users must not depend on it.
template MapToCurve() {
    signal input r;
    signal input takesFirst;
    signal input v;
    output Point() out;

    signal square <== r * r;
    signal first <-- -curve_a() / (1 + 5 * square);
    first * (1 + 5 * square) === -curve_a();

    takesFirst * (takesFirst - 1) === 0;
    var second = -curve_a() - first;
    out.u <== second + takesFirst * (first - second);
    out.v <== v;

    component onCurve = OnCurve();
    onCurve.p <== out;
}
