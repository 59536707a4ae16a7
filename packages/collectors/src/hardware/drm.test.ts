import { expect, test } from "vitest";
import { hostTree, seriesFrom } from "../testing/host-tree.ts";
import { drm } from "./drm.ts";

const CARD = "sys/class/drm/card0/device";
const files = {
  [`${CARD}/uevent`]: "DRIVER=amdgpu\nPCI_CLASS=30000\n",
  [`${CARD}/gpu_busy_percent`]: "4\n",
  [`${CARD}/mem_info_vram_total`]: "8573157376\n",
  [`${CARD}/mem_info_vram_vendor`]: "samsung\n",
  [`${CARD}/unique_id`]: "0123456789abcdef\n",
  "sys/class/drm/card1/device/uevent": "DRIVER=i915\n",
  "sys/class/drm/card0-DP-1/status": "connected\n",
};

test("drm shows the cards of one driver, and zeros for values that a card does not report", async () => {
  using host = hostTree(files);
  expect(await seriesFrom(drm, host)).toEqual([
    'node_drm_card_info{card="card0",memory_vendor="samsung",power_performance_level="",unique_id="0123456789abcdef",vendor="amd"} 1',
    'node_drm_gpu_busy_percent{card="card0"} 4',
    'node_drm_memory_gtt_size_bytes{card="card0"} 0',
    'node_drm_memory_gtt_used_bytes{card="card0"} 0',
    'node_drm_memory_vis_vram_size_bytes{card="card0"} 0',
    'node_drm_memory_vis_vram_used_bytes{card="card0"} 0',
    'node_drm_memory_vram_size_bytes{card="card0"} 8.573157376e+09',
    'node_drm_memory_vram_used_bytes{card="card0"} 0',
  ]);
});

test("drm fails as a whole if a card does not name its driver or a number is invalid", async () => {
  const failed = ['node_scrape_collector_success{collector="drm"} 0'];
  using silent = hostTree({ ...files, "sys/class/drm/card2/dev": "226:2\n" });
  expect(await seriesFrom(drm, silent)).toEqual(failed);
  using wrong = hostTree({ ...files, [`${CARD}/gpu_busy_percent`]: "busy\n" });
  expect(await seriesFrom(drm, wrong)).toEqual(failed);
});

test("drm does not fail on a host without cards", async () => {
  using host = hostTree();
  expect(await seriesFrom(drm, host)).toEqual([]);
});
