/** Reference to a test: the file path from the root, and the beginning of the test title. */
export type Proof = readonly [file: string, title: string];

const TSDB = "packages/tsdb/src";
const DB = `${TSDB}/db.test.ts`;
const LIFECYCLE = `${TSDB}/lifecycle.test.ts`;
const SURVIVAL = `${TSDB}/testing/survival.fault.test.ts`;
const STEPS: Proof = [`${TSDB}/testing/survive-every-step.fault.test.ts`, "%s: %s at any step loses nothing"];
const SIMULATION: Proof = [
  `${TSDB}/testing/simulation.fault.test.ts`,
  "all promised samples are there after kills, power cuts and disk faults",
];
const POWER_CUT = `${TSDB}/wal/power-cut.test.ts`;
const POLICY: Proof = [
  POWER_CUT,
  "with wal-fsync %s a kill loses nothing, and a power cut loses at most the last %d s",
];
const SNAPSHOT = `${TSDB}/head-snapshot/snapshot.test.ts`;
const SNAPSHOTS = `${TSDB}/head-snapshot/memory-snapshots.test.ts`;
const RECOVER = `${TSDB}/maintenance/recover-chunks.test.ts`;
const CAPACITY = `${TSDB}/head/memory/head-capacity.test.ts`;
const REFERENCES = `${TSDB}/head/memory/references.test.ts`;
const SYNCED = "e2e/src/server/storage/disk-sync.test.ts";
const JOURNAL = "packages/alerting/src/alerts/alert-journal.test.ts";
const KILLED = "e2e/src/alertmanager/crash.test.ts";
const KINDS = "packages/receivers/src/kinds";
const PUSHES = "e2e/src/pushgateway/crash/crash.test.ts";

const NO_ROOM: Proof = [
  CAPACITY,
  "a series for which %j has no room is refused, logged once, and accepted after others",
];
const REAL_LIMIT: Proof = [
  `${TSDB}/head/memory/head-limits.test.ts`,
  "a head refuses a series when its limit of %s is reached, but not one series earlier",
];
const NO_ROOM_FOR_SAMPLES: Proof = [
  CAPACITY,
  "samples for which %j has no room are refused, stored samples stay, and a truncation makes room",
];

/**
 * Tests that prove the claims of docs/durability.md, by the first words of each row, item or paragraph. Add a row for
 * each new claim: the check fails for a claim without a test and for a missing test.
 */
export const DURABILITY_CLAIMS: Readonly<Record<string, readonly Proof[]>> = {
  "A sample is in the write-ahead log before": [
    SIMULATION,
    [DB, "a commit of many samples is applied in pieces, and readers see all of it or none"],
  ],
  "the server is stopped, killed or crashes": [
    [DB, "after a kill, committed samples are there, with histograms, exemplars and the same references"],
    [
      "e2e/src/server/storage/storage-faults.test.ts",
      "a server that is killed ${ROUNDS} times during scrapes keeps every sample",
    ],
  ],
  "the machine goes down": [POLICY, SIMULATION],
  "an fsync of the log fails, the server ends before a later one succeeds, and then the machine goes down": [
    [POWER_CUT, "after a failed fsync of the log, if the process %s, a power cut leaves %j"],
  ],
  "the disk is full, or refuses to be written": [
    [
      DB,
      "on a full disk commits are refused, queries work and one message is logged; commits work again once there is room",
    ],
  ],
  "a bit flips in the log": [
    [
      DB,
      "damage in the middle of the log loses only the damaged record, and the original segment is kept in another folder",
    ],
  ],
  "a block is damaged": [
    [
      LIFECYCLE,
      "the server starts despite damaged and half-written blocks; it moves them to another folder and reports them",
    ],
    [
      SURVIVAL,
      "a block with a wrong byte is moved to another folder, the other blocks are served, and one message names the folder",
    ],
  ],
  "`interval`": [POLICY, [SYNCED, "with --storage.tsdb.wal-fsync=interval the log is synced soon after a write"]],
  "`always`": [POLICY, [SYNCED, "with --storage.tsdb.wal-fsync=always the log is synced before a write is"]],
  "`never`": [POLICY, [SYNCED, "with --storage.tsdb.wal-fsync=never the log is not synced"]],
  "The flag is Narthex' own": [
    POLICY,
    [DB, "with the `always` policy a commit resolves after an fsync, which concurrent commits share"],
  ],
  "The newest two to three hours are in memory": [
    STEPS,
    [SYNCED, "the files of a block are synced before it gets its name"],
    [SURVIVAL, "a start removes the remains of an unfinished compaction, and all samples are there"],
  ],
  "Every ten minutes": [
    [
      SNAPSHOTS,
      "a snapshot is taken when the log has grown and the interval is over; while nothing changes, no other is taken",
    ],
    [SNAPSHOTS, "if the truncation of the log removes a snapshot, the next snapshot is taken immediately"],
    [SNAPSHOTS, "retention by size includes the size of snapshots"],
    [
      SNAPSHOTS,
      "a start uses the log instead of a snapshot if the chunk files were copied before the snapshot was taken",
    ],
    [SNAPSHOT, "after a kill, samples later than the snapshot are replayed from the log, more than once"],
    [SNAPSHOT, "a start uses the log instead of a snapshot that is damaged at any place"],
    [SNAPSHOT, "a start removes snapshots beyond the end of the log, and unfinished ones"],
    [
      "e2e/src/server/storage/memory-snapshot.test.ts",
      "a memory snapshot of Prometheus gives the same answers in ours",
    ],
  ],
  "The next start quarantines damaged data": [
    [
      SURVIVAL,
      "a start with a wrong byte in a checkpoint keeps the other records, and the original is moved to another folder",
    ],
  ],
  "the log ends within a record": [
    [DB, "a log that is cut at any byte of its last records opens with exactly the complete commits"],
  ],
  "a damaged record with good ones behind it": [
    [
      DB,
      "damage in the middle of the log loses only the damaged record, and the original segment is kept in another folder",
    ],
  ],
  "a segment of the log is missing": [
    [SURVIVAL, "a missing segment loses at most its own samples, and one message names it"],
  ],
  "a file in `chunks_head` is damaged while the server runs": [
    [RECOVER, "a cut takes the samples of a chunk with a flipped bit from the log"],
    [
      RECOVER,
      "the head is not cut while neither the chunk file nor the log can be read, and is cut when one of them can",
    ],
    [RECOVER, "a chunk file is left unchanged if the log may lack its samples, since it is the only copy"],
    [
      `${TSDB}/maintenance/damaged-chunks.test.ts`,
      "the error for a chunk file that is damaged while the database runs says what to do, and a restart has all samples",
    ],
  ],
  "a file in `chunks_head` is damaged": [
    [
      `${TSDB}/head/chunk-files/chunk-files.test.ts`,
      "if any byte of a chunk file is damaged or its end is missing, the samples come from the log",
    ],
  ],
  "a file in `chunks_head` cannot be read": [
    [
      `${TSDB}/head/chunk-files/stored-chunks.test.ts`,
      "a file that the disk cannot read is moved to another folder if the logs have all samples, and otherwise stays",
    ],
  ],
  "a block that cannot be read": [
    [
      LIFECYCLE,
      "the server starts despite damaged and half-written blocks; it moves them to another folder and reports them",
    ],
  ],
  "The data of the newest hours has high": [
    ["checks/durability.test.ts", "the limits of the page are those of the head"],
  ],
  "series with native histograms": [
    [CAPACITY, "the first native histogram of a series is refused if the heap has no room for another such series"],
  ],
  "series since the folder's time": [
    REAL_LIMIT,
    [CAPACITY, "a series beyond the last reference is refused, and its samples do not get into another series"],
    [REFERENCES, "a start uses references again that are in no file any more, and every series keeps its samples"],
  ],
  series: [NO_ROOM, REAL_LIMIT],
  "label pairs; names and values": [NO_ROOM, REAL_LIMIT],
  "label names": [
    REAL_LIMIT,
    [CAPACITY, "a series with too many label names is refused, and its names do not take any places"],
  ],
  "labels of one series": [[CAPACITY, "a series with more labels than a row can count is refused"]],
  chunks: [NO_ROOM_FOR_SAMPLES],
  "memory for samples and labels": [
    NO_ROOM_FOR_SAMPLES,
    [CAPACITY, "a label value that needs more adjacent slabs than there are is refused"],
  ],
  "Above a limit, new data is refused": [
    [REFERENCES, "series without a free reference are refused, counted and logged once, and existing series continue"],
    [CAPACITY, "a commit that fills the head keeps the samples for which there was room"],
    [
      "packages/scrape/src/ingest/refused-samples.test.ts",
      "if there is no room for a new series the scrape fails as a whole",
    ],
    [
      "packages/rules/src/group.test.ts",
      "a rule whose new series has no room in the storage is unhealthy with the reason",
    ],
  ],
  "Repair or delete the blocks in `damaged/`": [
    [POWER_CUT, "a start does not read the folder of damaged blocks, and leaves it unchanged"],
  ],
  "Alerts, silences and the notification log": [
    [KILLED, "after a kill at any step of a notification, the restarted process notifies once"],
  ],
  "An alert that is new, ended or changed": [
    [JOURNAL, "a repeated report that an alert fires writes nothing, and a change is written at once"],
    [
      "packages/store/src/sqlite-log.test.ts",
      "a write that must survive a power failure resolves after the log's sync",
    ],
    [
      "e2e/src/alertmanager/disk-sync.test.ts",
      "before a silence is acknowledged, it and the directory entry of its log are synced",
    ],
  ],
  "A firing alert whose source could not send": [
    [
      JOURNAL,
      "after a long stop a firing alert continues until its source could report it again, and the source's report counts",
    ],
  ],
  "An end that was reported by the source": [
    [JOURNAL, "after a notified end and a restart the alert does not fire again"],
    [JOURNAL, "alerts that the store has forgotten are forgotten, unless a group must still notify them"],
    [
      "packages/alerting/src/dispatch/dispatcher.test.ts",
      "after a restart nothing is notified again, and the end of a notified alert is notified",
    ],
  ],
  "If the disk fails, alerts are accepted": [
    [JOURNAL, "if the disk fails alerts are still accepted, and stored when it works again"],
  ],
  "A message is sent twice": [
    [KILLED, "after kills at random moments and right after answers, no message is lost, and only unrecorded"],
    [`${KINDS}/pagerduty.test.ts`, "a resolved group is resolved with the same key"],
    [`${KINDS}/opsgenie.test.ts`, "a firing group creates an alert with the group's alias"],
    [`${KINDS}/victorops.test.ts`, "the path contains the key and the routing key"],
    [`${KINDS}/jira.test.ts`, "jira updates the open issue of a group that still fires"],
  ],
  "With `--persistence.file` a push is on the disk": [
    [
      "e2e/src/pushgateway/disk-sync.test.ts",
      "before a push is answered, it and the directory entry of its log are synced",
    ],
    ["packages/pushing/src/groups/groups.test.ts", "readers see only data on the disk, and are served between writes"],
    [PUSHES, "${GATEWAYS * KILLS} gateways that were killed between and during pushes lost no acknowledged push"],
    [
      PUSHES,
      "narthex pushgateway, killed at a random moment while clients push, has every acknowledged push completely",
    ],
    ["e2e/src/pushgateway/clients.test.ts", "a push that cannot be written to disk gets status 500, changes nothing"],
    ["apps/pushgateway/src/main.test.ts", "main() keeps pushes across a restart with --persistence.file"],
  ],
};
