pragma circom 2.2.0;

include "bits.circom";

// (a, b) in ascending order, for a and b already known to be below 2^width.
template Sort2(width) {
    signal input a;
    signal input b;
    signal output low;
    signal output high;

    component ordered = AtLeast(width);
    ordered.a <== b;
    ordered.b <== a;
    low <== b + ordered.out * (a - b);
    high <== a + b - low;
}

// The middle one of an odd number n of values below 2^width, each of which is checked to be. The values go
// through an odd-even transposition network of n rounds: the prover has no say in the order.
template Median(n, width) {
    assert(n % 2 == 1);
    signal input in[n];
    signal output out;

    component range[n];
    var row[n];
    for (var i = 0; i < n; i++) {
        range[i] = Below(width);
        range[i].in <== in[i];
        row[i] = in[i];
    }

    component sort[n][n \ 2];
    for (var round = 0; round < n; round++) {
        for (var i = 0; i < n \ 2; i++) {
            var at = 2 * i + round % 2;
            sort[round][i] = Sort2(width);
            sort[round][i].a <== row[at];
            sort[round][i].b <== row[at + 1];
            row[at] = sort[round][i].low;
            row[at + 1] = sort[round][i].high;
        }
    }
    for (var i = 0; i < n; i++) {
        if (i == n \ 2) { out <== row[i]; } else { _ <== row[i]; }
    }
}
