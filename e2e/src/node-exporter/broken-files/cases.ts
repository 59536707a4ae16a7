/** Functions that damage the content of a /proc or /sys file. The result undefined means that the file is removed. */
export const DAMAGES = {
  removed: () => undefined,
  empty: () => "",
  newline: () => "\n",
  word: () => "broken\n",
  number: () => "7\n",
  negative: () => "-1\n",
  huge: () => "99999999999999999999999\n",
  half: (text: string) => text.slice(0, text.length / 2),
  "two thirds": (text: string) => text.slice(0, (text.length * 2) / 3),
  unfinished: (text: string) => text.trimEnd(),
} satisfies Record<string, (text: string) => string | undefined>;

export type DamageKind = keyof typeof DAMAGES;

/** The /proc and /sys files of a collector that the test damages. */
export interface Breakable {
  readonly collector: string;
  /** Folders or files of the recorded /proc and /sys tree. */
  readonly paths: readonly string[];
  readonly kinds: readonly DamageKind[];
  /** Matches /proc and /sys files that are not damaged. */
  readonly spared?: RegExp;
}

const EVERY = Object.keys(DAMAGES) as readonly DamageKind[];
const but = (...kinds: readonly DamageKind[]): readonly DamageKind[] => EVERY.filter((kind) => !kinds.includes(kind));

/**
 * The /proc and /sys files to damage, by collector. Cases in which node_exporter panics are left out: empty files of
 * bcache, words for numbers in tapestats and ipvs, missing counters of fibrechannel. Negative or huge numbers are left
 * out too: node_exporter wraps them around or limits them to 64 bits, and our exporter refuses them. Numbers of bcache
 * without a newline are also left out: node_exporter drops their last digit.
 */
export const BREAKABLE: readonly Breakable[] = [
  {
    collector: "bcache",
    paths: ["sys/fs/bcache"],
    kinds: ["removed", "newline", "word", "number"],
    // Files that only one of the two exporters reads, and whose content does not appear in a metric.
    spared: /stats_(?:five_minute|hour|day)|-[0-9a-f]{12}\/stats_total/,
  },
  { collector: "bcachefs", paths: ["sys/fs/bcachefs"], kinds: but("negative", "huge") },
  { collector: "btrfs", paths: ["sys/fs/btrfs"], kinds: but("huge") },
  { collector: "fibrechannel", paths: ["sys/class/fc_host"], kinds: but("removed") },
  { collector: "infiniband", paths: ["sys/class/infiniband"], kinds: EVERY },
  {
    collector: "ipvs",
    paths: ["proc/net/ip_vs", "proc/net/ip_vs_stats"],
    kinds: ["removed", "empty", "newline", "half", "two thirds", "unfinished"],
  },
  { collector: "mdadm", paths: ["proc/mdstat", "sys/block"], kinds: EVERY },
  { collector: "nvme", paths: ["sys/class/nvme"], kinds: EVERY },
  {
    collector: "pcidevice",
    paths: ["sys/devices/pci0000:00/0000:00:02.1", "sys/devices/pci0000:40/0000:40:01.3"],
    kinds: but("negative", "huge"),
    spared: /sriov_(?:offset|stride|vf_device)$/,
  },
  { collector: "tapestats", paths: ["sys/devices/pci0000:00/0000:00:00.0/host0"], kinds: ["removed", "number"] },
  {
    collector: "rapl",
    paths: ["sys/class/powercap"],
    kinds: EVERY,
    // A file that only one of the two exporters reads, and whose content does not appear in a metric.
    spared: /max_energy_range_uj$/,
  },
  { collector: "watchdog", paths: ["sys/class/watchdog"], kinds: but("huge") },
  { collector: "xfs", paths: ["sys/fs/xfs"], kinds: but("two thirds") },
];
