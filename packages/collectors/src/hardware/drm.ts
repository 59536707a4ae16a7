import { allOrNothing } from "../all-or-nothing.ts";
import { defineCollector, type Emitter } from "../collector.ts";
import type { FileTree } from "../host-files/host-files.ts";
import { unsignedLiteralOf } from "../host-files/kernel-number.ts";
import { withDriverFiles } from "../host-files/read-ahead.ts";
import { gauge } from "../metric.ts";
import { attributeOf } from "../host-files/attribute.ts";

const CARD = ["card"];

const metrics = {
  info: gauge("node_drm_card_info", "Card information", [
    "card",
    "memory_vendor",
    "power_performance_level",
    "unique_id",
    "vendor",
  ]),
  busy: gauge("node_drm_gpu_busy_percent", "How busy the GPU is as a percentage.", CARD),
  gttSize: gauge(
    "node_drm_memory_gtt_size_bytes",
    "The size of the graphics translation table (GTT) block in bytes.",
    CARD,
  ),
  gttUsed: gauge(
    "node_drm_memory_gtt_used_bytes",
    "The used amount of the graphics translation table (GTT) block in bytes.",
    CARD,
  ),
  visibleSize: gauge("node_drm_memory_vis_vram_size_bytes", "The size of visible VRAM in bytes.", CARD),
  visibleUsed: gauge("node_drm_memory_vis_vram_used_bytes", "The used amount of visible VRAM in bytes.", CARD),
  vramSize: gauge("node_drm_memory_vram_size_bytes", "The size of VRAM in bytes.", CARD),
  vramUsed: gauge("node_drm_memory_vram_used_bytes", "The used amount of VRAM in bytes.", CARD),
};

const NUMBERS = {
  gpu_busy_percent: "busy",
  mem_info_gtt_total: "gttSize",
  mem_info_gtt_used: "gttUsed",
  mem_info_vis_vram_total: "visibleSize",
  mem_info_vis_vram_used: "visibleUsed",
  mem_info_vram_total: "vramSize",
  mem_info_vram_used: "vramUsed",
} as const;

const ROOT = "class/drm";

/** Exports graphics cards with the amdgpu driver from /sys/class/drm/card<n>/device. */
export const drm = defineCollector({
  name: "drm",
  enabled: false,
  metrics,
  collect({ sys }, emit) {
    const cards = sys.list(ROOT).filter((card) => /^card\d$/.test(card) && isAmd(sys, `${ROOT}/${card}/device`));
    // Reads this file on another thread, because the driver asks the graphics card's firmware.
    const slow = cards.map((card) => `${ROOT}/${card}/device/gpu_busy_percent`);
    return withDriverFiles(sys, slow, (ready) =>
      allOrNothing(emit, (held) => {
        for (const card of cards) emitCard(ready, card, held);
      }),
    );
  },
});

function emitCard(sys: FileTree, card: string, emit: Emitter<typeof metrics>): void {
  const device = `${ROOT}/${card}/device`;
  // Returns the content of a file of the card. Returns "" if the file is missing, because the files depend on the card.
  const read = (file: string): string => textOrNone(sys, `${device}/${file}`) ?? "";
  const memoryVendor = read("mem_info_vram_vendor");
  emit.info(1, card, memoryVendor, read("power_dpm_force_performance_level"), read("unique_id"), "amd");
  for (const [file, key] of Object.entries(NUMBERS)) {
    const text = textOrNone(sys, `${device}/${file}`);
    emit[key](text === undefined ? 0 : unsignedLiteralOf(text, `drm ${card}/${file}`), card);
  }
}

const isAmd = (sys: FileTree, device: string): boolean => driverOf(sys, device)?.includes("DRIVER=amdgpu") === true;

/** Returns the text of the card's uevent file, which names the driver. Returns undefined for a card that is asleep. */
function driverOf(sys: FileTree, device: string): string | undefined {
  try {
    return attributeOf(sys, `${device}/uevent`);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENODATA") return undefined;
    throw error;
  }
}

function textOrNone(sys: FileTree, path: string): string | undefined {
  try {
    return attributeOf(sys, path);
  } catch {
    return undefined;
  }
}
