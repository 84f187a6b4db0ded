package dev.replicator.resolve;

/**
 * The rules of the correctness model that the simulation can switch off one by one, to show that each is needed. The
 * product runs with all of them.
 */
enum Rule {
    /** A transaction is resolved only when everything its V covers has been. */
    BARRIER,
    /** The value goes to its own node too if something of ours for the key is queued or unread there. */
    ECHO,
    /** A delete that wins goes once more to the loser's node. */
    NOOP,
    /** Own versions are told seen by walking back over marks. */
    BURY,
    /** A target joins only when all it holds has been read again. */
    JOINREAD,
    /** A master joins only when its own log has been read as far as it reached. */
    JOINOWN,
    /** Joining, clause (b): what was written over unseen is sent again. */
    JOINOVER,
    /** Keys close by marks. */
    CLOSE,
    /** Nothing closes before all targets have joined. */
    KEEPJOIN,
    /** Acknowledged by what is durable, not by what was sent. */
    DACK,
    /** A second and third level before acknowledging. */
    ACK3,
    /** H is stored with the acknowledged position. */
    STATEH,
    /** V is stored with the acknowledged position. */
    STATEV,
    /** Q is stored with the acknowledged position. */
    DSTATE,
    /** Stored Q never shrinks. */
    DMONO,
    /** Marks carry H. */
    HB,
    /** The fresh value is sent after a guard skipped. */
    RESEND,
    /** TRUNCATE is entered into keys that open while it is open. */
    TWNEW,
    /** TRUNCATE is entered into the open keys. */
    TWIN,
    /** Rows that survive a TRUNCATE are sent after it. */
    TREWRITE,
    /** A state put together from several versions goes to its own node. */
    MIX,
    /** The whole state goes to its own node if a reset of ours is queued or unread there. */
    ABSECHO,
    /** A row that moved to another key with gaps is written again on its master. */
    REWRITE,
    /** Under policies that decide on the frontier the value is sent also where it did not change. */
    ALWAYS,
    /** Another policy takes effect only when nothing is open under the old one. */
    CLOSED
}
