pragma circom 2.2.0;

include "../../examples/circuits/lib/curve.circom";
include "../../examples/circuits/lib/median.circom";
include "../../examples/circuits/lib/poseidon.circom";

// Shared templates on their own.
template Gadgets() {
    signal input hashed[4];
    input Point() point;
    signal input values[5];

    signal output hash;
    output Point() eightfold;
    signal output median;

    component poseidon = Poseidon4(0);
    poseidon.in <== hashed;
    hash <== poseidon.out;

    component clear = ClearCofactor();
    clear.p <== point;
    eightfold <== clear.out;

    component middle = Median(5, 64);
    middle.in <== values;
    median <== middle.out;
}

component main = Gadgets();
