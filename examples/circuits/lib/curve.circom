pragma circom 2.2.0;

// Baby Jubjub (ERC-2494), the twisted Edwards curve over the BN254 scalar field, in its Montgomery form
//     v^2 = u^3 + A u^2 + u,   A = 168698,
// where adding costs 3 constraints and doubling 4. The group has order 8 l, with l prime, 2^250 < l < 2^251.
//
// The affine formulas fail on equal first coordinates. Where a prover could bring that about, 0 * slope = 0
// would leave the slope free; each user of Add, Double and DoubleAdd below says why it cannot happen there.

function curve_a() { return 168698; }

// The generator of the subgroup of order l: ERC-2494's base point B in Montgomery form.
function curve_base() {
    return [
        7117928050407583618111176421555214756675765419608405867398403713213306743542,
        14577268218881899420966779687690205425227431577728659819975198491127179315626
    ];
}

// The double and the sum of constant points, for tables that are worked out when a circuit is compiled.
function constant_double(p) {
    var slope = (3 * p[0] * p[0] + 2 * curve_a() * p[0] + 1) / (2 * p[1]);
    var u = slope * slope - curve_a() - 2 * p[0];
    return [u, slope * (p[0] - u) - p[1]];
}

function constant_add(p, q) {
    var slope = (q[1] - p[1]) / (q[0] - p[0]);
    var u = slope * slope - curve_a() - p[0] - q[0];
    return [u, slope * (p[0] - u) - p[1]];
}

bus Point() {
    signal u;
    signal v;
}

template OnCurve() {
    input Point() p;

    signal square <== p.u * p.u;
    signal cube <== p.u * (square + curve_a() * p.u + 1);
    p.v * p.v === cube;
}

// p + q for p.u != q.u.
template Add() {
    input Point() p;
    input Point() q;
    output Point() sum;

    signal slope <-- (q.v - p.v) / (q.u - p.u);
    slope * (q.u - p.u) === q.v - p.v;
    sum.u <== slope * slope - curve_a() - p.u - q.u;
    sum.v <== slope * (p.u - sum.u) - p.v;
}

// 2 p for p on the curve. No witness exists for the point (0, 0) of order 2, where the numerator is 1; it is
// the only point with v = 0, because A^2 - 4 is not a square.
template Double() {
    input Point() p;
    output Point() twice;

    signal square <== p.u * p.u;
    signal slope <-- (3 * square + 2 * curve_a() * p.u + 1) / (2 * p.v);
    slope * (2 * p.v) === 3 * square + 2 * curve_a() * p.u + 1;
    twice.u <== slope * slope - curve_a() - 2 * p.u;
    twice.v <== slope * (p.u - twice.u) - p.v;
}

// 2 p + q = (p + q) + p without the second coordinate of p + q, for q != ±p and p + q != ±p.
template DoubleAdd() {
    input Point() p;
    input Point() q;
    output Point() out;

    signal first <-- (q.v - p.v) / (q.u - p.u);
    first * (q.u - p.u) === q.v - p.v;
    signal middle <== first * first - curve_a() - p.u - q.u;
    signal second <-- 2 * p.v / (p.u - middle) - first;
    (second + first) * (p.u - middle) === 2 * p.v;
    out.u <== second * second - curve_a() - middle - p.u;
    out.v <== second * (p.u - out.u) - p.v;
}

// 8 p for a point p of the curve; p is checked. The result has order exactly l: its order divides l, and a p
// of order 1, 2, 4 or 8 would reach (0, 0), which Double refuses, or is no affine point.
template ClearCofactor() {
    input Point() p;
    output Point() out;

    component onCurve = OnCurve();
    onCurve.p <== p;
    component double[3];
    for (var i = 0; i < 3; i++) {
        double[i] = Double();
        if (i == 0) { double[i].p <== p; } else { double[i].p <== double[i - 1].twice; }
    }
    out <== double[2].twice;
}
