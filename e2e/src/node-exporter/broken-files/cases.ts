/** Ways to damage a file. Each returns the new content; undefined means that the file is removed. */
export const WAYS = {
  gone: () => undefined,
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

export type Way = keyof typeof WAYS;

/** The files of a collector that the test damages. */
export interface Breakable {
  readonly collector: string;
  /** Folders or files of the recorded tree. */
  readonly places: readonly string[];
  readonly ways: readonly Way[];
  /** Matches files that are not damaged. */
  readonly spared?: RegExp;
}

const EVERY = Object.keys(WAYS) as readonly Way[];
const but = (...ways: readonly Way[]): readonly Way[] => EVERY.filter((way) => !ways.includes(way));

/**
 * Files to damage, by collector. Some cases are left out. In these node_exporter panics: empty files of bcache, words
 * for numbers in tapestats and ipvs, missing counters of fibrechannel. Negative or huge numbers are left out too,
 * because node_exporter wraps them around or limits them to 64 bits, and ours refuses them. node_exporter also reads
 * numbers of bcache without a newline with one digit less.
 */
export const BREAKABLE: readonly Breakable[] = [
  {
    collector: "bcache",
    places: ["sys/fs/bcache"],
    ways: ["gone", "newline", "word", "number"],
    // Only one of the two exporters reads these files, and no metric shows their content.
    spared: /stats_(?:five_minute|hour|day)|-[0-9a-f]{12}\/stats_total/,
  },
  { collector: "bcachefs", places: ["sys/fs/bcachefs"], ways: but("negative", "huge") },
  { collector: "btrfs", places: ["sys/fs/btrfs"], ways: but("huge") },
  { collector: "fibrechannel", places: ["sys/class/fc_host"], ways: but("gone") },
  { collector: "infiniband", places: ["sys/class/infiniband"], ways: EVERY },
  {
    collector: "ipvs",
    places: ["proc/net/ip_vs", "proc/net/ip_vs_stats"],
    ways: ["gone", "empty", "newline", "half", "two thirds", "unfinished"],
  },
  { collector: "mdadm", places: ["proc/mdstat", "sys/block"], ways: EVERY },
  { collector: "nvme", places: ["sys/class/nvme"], ways: EVERY },
  {
    collector: "pcidevice",
    places: ["sys/devices/pci0000:00/0000:00:02.1", "sys/devices/pci0000:40/0000:40:01.3"],
    ways: but("negative", "huge"),
    spared: /sriov_(?:offset|stride|vf_device)$/,
  },
  { collector: "tapestats", places: ["sys/devices/pci0000:00/0000:00:00.0/host0"], ways: ["gone", "number"] },
  {
    collector: "rapl",
    places: ["sys/class/powercap"],
    ways: EVERY,
    // Only one of the two exporters reads these files, and no metric shows their content.
    spared: /max_energy_range_uj$/,
  },
  { collector: "watchdog", places: ["sys/class/watchdog"], ways: but("huge") },
  { collector: "xfs", places: ["sys/fs/xfs"], ways: but("two thirds") },
];
