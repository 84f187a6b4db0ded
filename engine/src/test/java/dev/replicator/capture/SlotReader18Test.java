package dev.replicator.capture;

class SlotReader18Test extends SlotReaderTest {
    SlotReader18Test() {
        super(18);
    }
}
