package dev.replicator.capture;

class SlotReader14Test extends SlotReaderTest {
    SlotReader14Test() {
        super(14);
    }
}
