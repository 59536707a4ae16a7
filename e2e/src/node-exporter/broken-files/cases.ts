/** Ways to damage a file; undefined for a removed file. */
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

/** Files of a collector, and ways to damage them. */
export interface Breakable {
  readonly collector: string;
  /** Folders or files of the recorded tree. */
  readonly places: readonly string[];
  readonly ways: readonly Way[];
  /** Files that are not damaged. */
  readonly spared?: RegExp;
}

const EVERY = Object.keys(WAYS) as readonly Way[];
const but = (...ways: readonly Way[]): readonly Way[] => EVERY.filter((way) => !ways.includes(way));

/**
 * Left out are cases in which node_exporter panics (bcache: empty files; tapestats, ipvs: words for numbers;
 * fibrechannel: missing counters). Also left out are numbers that it wraps around or limits to 64 bits and ours refuses
 * (negative, huge), and numbers without a newline, which it reads with one digit less (bcache).
 */
export const BREAKABLE: readonly Breakable[] = [
  {
    collector: "bcache",
    places: ["sys/fs/bcache"],
    ways: ["gone", "newline", "word", "number"],
    // One exporter reads these files, and neither shows them.
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
    // One exporter reads these files, and neither shows them.
    spared: /max_energy_range_uj$/,
  },
  { collector: "watchdog", places: ["sys/class/watchdog"], ways: but("huge") },
  { collector: "xfs", places: ["sys/fs/xfs"], ways: but("two thirds") },
];
