pragma circom 2.2.0;

// Integers as bits: the only place where a field element is read as a number.

// bits[i] is bit i (least significant first) of `in`, which is thereby shown to be below 2^n.
// n <= 253: the field order exceeds 2^253, so the decomposition is the only one.
template Bits(n) {
    assert(n <= 253);
    signal input in;
    signal output bits[n];

    var sum = 0;
    for (var i = 0; i < n; i++) {
        bits[i] <-- (in >> i) & 1;
        bits[i] * (bits[i] - 1) === 0;
        sum += bits[i] * (1 << i);
    }
    sum === in;
}

// Shows that `in` is below 2^n.
template Below(n) {
    signal input in;

    component decomposition = Bits(n);
    decomposition.in <== in;
    _ <== decomposition.bits;
}

// out = 1 if a >= b, otherwise 0, for a and b already known to be below 2^n.
template AtLeast(n) {
    signal input a;
    signal input b;
    signal output out;

    // 2^n + a - b lies in (0, 2^(n+1)); bit n tells on which side of 2^n.
    component difference = Bits(n + 1);
    difference.in <== (1 << n) + a - b;
    out <== difference.bits[n];
    for (var i = 0; i < n; i++) {
        _ <== difference.bits[i];
    }
}
