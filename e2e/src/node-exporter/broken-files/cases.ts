/** Ways in which a file can be broken; undefined for one that is gone. */
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

/** Files of a collector, and the ways in which they are broken. */
export interface Breakable {
  readonly collector: string;
  /** Folders or files of the recorded tree. */
  readonly places: readonly string[];
  readonly ways: readonly Way[];
  /** Files that are left alone. */
  readonly spared?: RegExp;
}

const EVERY = Object.keys(WAYS) as readonly Way[];
const but = (...ways: readonly Way[]): readonly Way[] => EVERY.filter((way) => !ways.includes(way));

/**
 * What is left out, and why: node_exporter ends with a panic (bcache: empty files; tapestats, ipvs: words for numbers;
 * fibrechannel: missing counters), or lets numbers wrap around or stop at 64 bits where ours are refused (negative,
 * huge), or takes a number without its newline for one with a digit less (bcache).
 */
export const BREAKABLE: readonly Breakable[] = [
  {
    collector: "bcache",
    places: ["sys/fs/bcache"],
    ways: ["gone", "newline", "word", "number"],
    // Shown by neither, read by one.
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
    // Read by one, shown by neither.
    spared: /max_energy_range_uj$/,
  },
  { collector: "watchdog", places: ["sys/class/watchdog"], ways: but("huge") },
  { collector: "xfs", places: ["sys/fs/xfs"], ways: but("two thirds") },
];
