pragma circom 2.1.0;

template Bits(n) {
    signal input in;
    signal output bits[n];
    var sum = 0;
    var weight = 1;
    for (var i = 0; i < n; i++) {
        bits[i] <-- (in >> i) & 1;
        bits[i] * (bits[i] - 1) === 0;
        sum += bits[i] * weight;
        weight += weight;
    }
    sum === in;
}

template Shapes() {
    signal input grid[2][3];
    signal input small;
    signal input any;
    signal output total;
    component bits = Bits(4);
    bits.in <== small;
    var sum = 0;
    for (var i = 0; i < 2; i++) {
        for (var j = 0; j < 3; j++) {
            sum += grid[i][j] * (3 * i + j + 1);
        }
    }
    for (var i = 0; i < 4; i++) {
        sum += bits.bits[i];
    }
    log("small is", small);
    signal square <== any * any;
    total <== sum + square * any;
}

component main {public [any]} = Shapes();
