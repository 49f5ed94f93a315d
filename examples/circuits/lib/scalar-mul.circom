pragma circom 2.2.0;

include "curve.circom";

// Scalars. n bits b_0 … b_(n-1) stand for
//     k = 2^n + 1 + 2 * sum b_i 2^i  =  2^(n+1) + sum s_i 2^i   with s_i = 2 b_i - 1,
// so every bit adds or subtracts a point and none skips: k is odd and 2^n < k < 3 * 2^n < l for n <= 249.
// The bits must be known to be bits.

// k * point for a point of order l.
//
// The running multiple m starts at 2 and each step takes it to 2 m + s. The integers m - 1, m + 1, 2 m - 1
// and 2 m + 1 are all positive and below l, so no exception of DoubleAdd can arise.
template VariableMul(n) {
    assert(n <= 249);
    signal input bits[n];
    input Point() point;
    output Point() out;

    component start = Double();
    start.p <== point;

    component step[n];
    for (var i = 0; i < n; i++) {
        step[i] = DoubleAdd();
        if (i == 0) { step[i].p <== start.twice; } else { step[i].p <== step[i - 1].out; }
        step[i].q.u <== point.u;
        step[i].q.v <== (2 * bits[n - 1 - i] - 1) * point.v;
    }
    out <== step[n - 1].out;
}

// k * B for the base point B, two bits at a time: window j adds one of ±1, ±3 times 4^j B. n is even.
//
// Before window j the running multiple is an odd m with |m| < 4^j, and the window's multiple t has
// 4^j <= |t| <= 3 * 4^j. So 0 < |m ± t| < 4^(j+1) <= 2^n < l: the two never share a first coordinate.
// Nor do the last m, with |m| < 2^n, and 2^(n+1).
template FixedMul(n) {
    assert(n % 2 == 0 && n <= 248);
    signal input bits[n];
    output Point() out;

    var windows = n \ 2;
    var one[2] = curve_base();
    signal both[windows];
    component sum[windows];
    Point() chosen[windows];
    for (var j = 0; j < windows; j++) {
        var two[2] = constant_double(one);
        var three[2] = constant_add(one, two);
        both[j] <== bits[2 * j] * bits[2 * j + 1];
        // 1 where the bits are equal, which is where the multiple is 3 or -3.
        var equal = 1 - bits[2 * j] - bits[2 * j + 1] + 2 * both[j];
        chosen[j].u <== one[0] + equal * (three[0] - one[0]);
        chosen[j].v <== bits[2 * j] * (three[1] - one[1]) + bits[2 * j + 1] * (three[1] + one[1]) - three[1];
        if (j > 0) {
            sum[j] = Add();
            if (j == 1) { sum[j].p <== chosen[0]; } else { sum[j].p <== sum[j - 1].sum; }
            sum[j].q <== chosen[j];
        }
        one = constant_double(two);
    }

    var offset[2] = constant_double(one);
    component last = Add();
    last.p <== sum[windows - 1].sum;
    last.q.u <== offset[0];
    last.q.v <== offset[1];
    out <== last.sum;
}
