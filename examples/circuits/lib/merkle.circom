pragma circom 2.2.0;

include "domains.circom";
include "poseidon.circom";

// One step up a tree in which every inner node has four children. The prover names all four; the one at the
// position given by `position` (two bits, least significant first) must be `child`.
template MerkleStep() {
    signal input child;
    signal input children[4];
    signal input position[2];
    signal output parent;

    signal low <== children[0] + position[0] * (children[1] - children[0]);
    signal high <== children[2] + position[0] * (children[3] - children[2]);
    child - low === position[1] * (high - low);

    component hash = Poseidon4(domain_node());
    hash.in <== children;
    parent <== hash.out;
}

// The root of the tree that has `leaf` at the place given by `position`: 2 bits a level, from the leaf up.
// The bits must be known to be bits.
template MerkleRoot(levels) {
    signal input leaf;
    signal input children[levels][4];
    signal input position[2 * levels];
    signal output root;

    component step[levels];
    for (var i = 0; i < levels; i++) {
        step[i] = MerkleStep();
        step[i].child <== i == 0 ? leaf : step[i - 1].parent;
        step[i].children <== children[i];
        step[i].position[0] <== position[2 * i];
        step[i].position[1] <== position[2 * i + 1];
    }
    root <== step[levels - 1].parent;
}
