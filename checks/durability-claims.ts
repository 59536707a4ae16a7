/** A test: its file, from the root, and the beginning of its title. */
export type Proof = readonly [file: string, title: string];

const TSDB = "packages/tsdb/src";
const DB = `${TSDB}/db.test.ts`;
const LIFECYCLE = `${TSDB}/lifecycle.test.ts`;
const SURVIVAL = `${TSDB}/testing/survival.fault.test.ts`;
const STEPS: Proof = [`${TSDB}/testing/survive-every-step.fault.test.ts`, "%s: %s at any step loses nothing"];
const SIMULATION: Proof = [`${TSDB}/testing/simulation.fault.test.ts`, "everything promised is there after kills"];
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
const ASKED = "e2e/src/server/storage/asked-disk.test.ts";
const JOURNAL = "packages/alerting/src/alerts/alert-journal.test.ts";
const KILLED = "e2e/src/alertmanager/crash.test.ts";
const KINDS = "packages/receivers/src/kinds";
const PUSHES = "e2e/src/pushgateway/crash/crash.test.ts";

const NO_ROOM: Proof = [CAPACITY, "a series for which %j has no room is refused, told of once, and taken when others"];
const REAL_LIMIT: Proof = [
  `${TSDB}/head/memory/head-limits.test.ts`,
  "a head refuses a series when its real limit of %s is reached, and not before",
];
const NO_ROOM_FOR_SAMPLES: Proof = [CAPACITY, "samples for which %j has no room are refused, what is stored stays"];

/**
 * The tests that prove each row, item and paragraph of docs/durability.md, by its first words. For a new claim, add a
 * row: the check fails for a claim without a test, and for a missing test.
 */
export const DURABILITY_CLAIMS: Readonly<Record<string, readonly Proof[]>> = {
  "A sample is in the write-ahead log before": [
    SIMULATION,
    [DB, "a commit of many samples is applied in pieces, and readers see all of it or none"],
  ],
  "the server is stopped, killed or crashes": [
    [DB, "what was committed is there again after a kill"],
    [
      "e2e/src/server/storage/storage-faults.test.ts",
      "a server that is killed ${ROUNDS} times during scrapes keeps every sample",
    ],
  ],
  "the machine goes down": [POLICY, SIMULATION],
  "the disk is full, or refuses to be written": [
    [
      DB,
      "on a full disk commits are refused and queries answered; one message is logged, and commits work again once there is room",
    ],
  ],
  "a bit flips in the log": [[DB, "damage in the middle costs the record it hits"]],
  "a block is damaged": [
    [LIFECYCLE, "damaged and half-written blocks do not keep the server from starting"],
    [SURVIVAL, "a block with a wrong byte is set aside in a named folder, the rest is served"],
  ],
  "`interval`": [POLICY, [ASKED, "with --storage.tsdb.wal-fsync=interval the log is synced soon after a write"]],
  "`always`": [POLICY, [ASKED, "with --storage.tsdb.wal-fsync=always the log is synced before a write is"]],
  "`never`": [POLICY, [ASKED, "with --storage.tsdb.wal-fsync=never the log is not synced"]],
  "The flag is Narthex' own": [
    POLICY,
    [DB, "the always policy resolves commits after an fsync that concurrent commits"],
  ],
  "The newest two to three hours are in memory": [
    STEPS,
    [ASKED, "the files of a block are synced before it gets its name"],
    [SURVIVAL, "what an unfinished compaction left is removed, and the samples are there"],
  ],
  "Every ten minutes": [
    [SNAPSHOTS, "a snapshot is taken when the log has grown and the time has come"],
    [SNAPSHOTS, "if the truncation of the log removes a snapshot, the next one is taken at once"],
    [SNAPSHOTS, "retention by size counts snapshots"],
    [SNAPSHOTS, "the log is used instead of a snapshot whose chunk files were copied earlier"],
    [SNAPSHOT, "what came after the snapshot and before a kill is replayed from the log"],
    [SNAPSHOT, "the log is used instead of a snapshot that is damaged anywhere"],
    [SNAPSHOT, "snapshots that reach further than the log are removed"],
    [
      "e2e/src/server/storage/memory-snapshot.test.ts",
      "a memory snapshot of Prometheus gives the same answers in ours",
    ],
  ],
  "The next start quarantines damaged data": [
    [SURVIVAL, "a checkpoint with a wrong byte starts, keeps its other records"],
  ],
  "the log ends within a record": [[DB, "a log cut at any byte of its last records opens with exactly the commits"]],
  "a damaged record with good ones behind it": [[DB, "damage in the middle costs the record it hits"]],
  "a segment of the log is missing": [[SURVIVAL, "a missing segment costs at most its own samples"]],
  "a file in `chunks_head` is damaged while the server runs": [
    [RECOVER, "a cut takes the samples of a chunk with a flipped bit from the log"],
    [RECOVER, "nothing is cut while neither the file nor the log can be read"],
    [RECOVER, "a chunk file is the only copy where the log may lack samples"],
    [`${TSDB}/maintenance/damaged-chunks.test.ts`, "a chunk file that is damaged while the database runs is named"],
  ],
  "a file in `chunks_head` is damaged": [
    [`${TSDB}/head/chunk-files/chunk-files.test.ts`, "whatever byte of a chunk file is damaged, or how much"],
  ],
  "a file in `chunks_head` cannot be read": [
    [
      `${TSDB}/head/chunk-files/stored-chunks.test.ts`,
      "a file that the disk cannot read is set aside if the logs have",
    ],
  ],
  "a block that cannot be read": [[LIFECYCLE, "damaged and half-written blocks do not keep the server from starting"]],
  "The data of the newest hours has high": [
    ["checks/durability.test.ts", "the limits of the page are those of the head"],
  ],
  "series with native histograms": [
    [CAPACITY, "a series' first native histogram is refused when there are as many such"],
  ],
  "series since the folder's time": [
    REAL_LIMIT,
    [CAPACITY, "a series beyond the last reference is refused, and its samples go into no other series"],
    [REFERENCES, "a start gives references again that nothing names any more"],
  ],
  series: [NO_ROOM, REAL_LIMIT],
  "label pairs; names and values": [NO_ROOM, REAL_LIMIT],
  "label names": [REAL_LIMIT, [CAPACITY, "a series with too many label names is refused, and leaves no name behind"]],
  "labels of one series": [[CAPACITY, "a series with more labels than a row can count is refused"]],
  chunks: [NO_ROOM_FOR_SAMPLES],
  "memory for samples and labels": [
    NO_ROOM_FOR_SAMPLES,
    [CAPACITY, "a label value that needs more adjacent slabs than there are is refused"],
  ],
  "Above a limit, new data is refused": [
    [REFERENCES, "series that no reference is left for are refused: counted, told of once"],
    [CAPACITY, "a commit that fills the head keeps the samples that found room"],
    ["packages/scrape/src/ingest/refused-samples.test.ts", "a scrape whose new series finds no room fails as a whole"],
    ["packages/rules/src/group.test.ts", "a rule whose new series finds no room is unhealthy with the reason"],
  ],
  "Repair or delete the blocks in `damaged/`": [
    [POWER_CUT, "a start does not look at what is in the folder of damaged blocks"],
  ],
  "Alerts, silences and the notification log": [
    [KILLED, "after a kill at any step of a notification, the restarted process notifies once"],
  ],
  "An alert that is new, ended or changed": [
    [JOURNAL, "another word that an alert fires writes nothing, a change is written at once"],
    [
      "packages/store/src/sqlite-log.test.ts",
      "a write that must survive a power failure resolves after the log's sync",
    ],
    [
      "e2e/src/alertmanager/asked-disk.test.ts",
      "before a silence is acknowledged, it and the directory entry of its log are synced",
    ],
  ],
  "A firing alert whose source could not send": [
    [JOURNAL, "after a long stop a firing alert waits for its source's report, which then counts"],
  ],
  "An end that was reported by the source": [
    [JOURNAL, "an end that was notified to people stays one"],
    [JOURNAL, "alerts that the store has forgotten are forgotten, unless a group must still notify them"],
    [
      "packages/alerting/src/dispatch/dispatcher.test.ts",
      "after a restart nothing is notified again, and the end of an alert still is",
    ],
  ],
  "If the disk fails, alerts are accepted": [[JOURNAL, "where the disk fails alerts are taken all the same"]],
  "A message is sent twice": [
    [KILLED, "after kills at random moments and right after answers, no message is lost, and only unrecorded"],
    [`${KINDS}/pagerduty.test.ts`, "a resolved group is resolved with the same key"],
    [`${KINDS}/opsgenie.test.ts`, "a firing group creates an alert with the group's alias"],
    [`${KINDS}/victorops.test.ts`, "the path contains the key and the routing key"],
    [`${KINDS}/jira.test.ts`, "jira updates the open issue of a group that still fires"],
  ],
  "With `--persistence.file` a push is on the disk": [
    [
      "e2e/src/pushgateway/asked-disk.test.ts",
      "before a push is answered, it and the directory entry of its log are synced",
    ],
    ["packages/pushing/src/groups/groups.test.ts", "readers see what is on disk alone"],
    [PUSHES, "${GATEWAYS * KILLS} gateways that were killed between and during pushes lost no acknowledged push"],
    [
      PUSHES,
      "narthex pushgateway, killed at a random moment while clients push, has every acknowledged push completely",
    ],
    ["e2e/src/pushgateway/clients.test.ts", "a push that cannot be written to disk gets status 500, changes nothing"],
    ["apps/pushgateway/src/main.test.ts", "main() keeps pushes across a restart with --persistence.file"],
  ],
};
