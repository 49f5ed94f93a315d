pragma circom 2.2.0;

include "lib/bits.circom";
include "lib/domains.circom";
include "lib/merkle.circom";
include "lib/poseidon.circom";
include "lib/time-weighted-average.circom";

// Reads a contract's storage under a state root and computes on it: the time-weighted average of four
// consecutive observations (a page of four words, each `time * 2^64 + value`), and whether it reaches a
// threshold.
//
//   state tree    leaf = Poseidon(account, nonce, balance, storageRoot), `accountLevels` levels
//   storage tree  leaf = Poseidon(word 0 … word 3) of a page, at its number, `storageLevels` levels
//
// Inner nodes have four children. An account is known by the address in its leaf, wherever that stands.
template StorageProof(accountLevels, storageLevels) {
    signal input stateRoot;
    signal input account;
    signal input page;
    signal input threshold;

    signal input nonce;
    signal input balance;
    signal input accountPosition;
    signal input accountChildren[accountLevels][4];
    signal input storageChildren[storageLevels][4];
    signal input value[4];
    signal input time[4];

    signal output average;
    signal output meetsThreshold;
    signal output windowStart;
    signal output windowEnd;

    component words = Poseidon4(domain_page());
    for (var i = 0; i < 4; i++) {
        words.in[i] <== time[i] * (1 << 64) + value[i];
    }
    component pageBits = Bits(2 * storageLevels);
    pageBits.in <== page;
    component storage = MerkleRoot(storageLevels);
    storage.leaf <== words.out;
    storage.children <== storageChildren;
    storage.position <== pageBits.bits;

    component leaf = Poseidon4(domain_account());
    leaf.in <== [account, nonce, balance, storage.root];
    component accountBits = Bits(2 * accountLevels);
    accountBits.in <== accountPosition;
    component state = MerkleRoot(accountLevels);
    state.leaf <== leaf.out;
    state.children <== accountChildren;
    state.position <== accountBits.bits;
    stateRoot === state.root;

    component mean = TimeWeightedAverage(4);
    mean.value <== value;
    mean.time <== time;
    average <== mean.average;
    windowStart <== time[0];
    windowEnd <== time[3];

    component thresholdRange = Below(64);
    thresholdRange.in <== threshold;
    component reaches = AtLeast(64);
    reaches.a <== average;
    reaches.b <== threshold;
    meetsThreshold <== reaches.out;
}

component main { public [stateRoot, account, page, threshold] } = StorageProof(4, 4);
