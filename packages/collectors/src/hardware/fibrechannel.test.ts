import { expect, test } from "vitest";
import { hostTree, seriesFrom } from "../testing/host-tree.ts";
import { fibrechannel } from "./fibrechannel.ts";

const HOST = "sys/class/fc_host/host0";
const files = {
  [`${HOST}/speed`]: "16 Gbit\n",
  [`${HOST}/port_state`]: "Online\n",
  [`${HOST}/port_id`]: "0x000002\n",
  [`${HOST}/port_name`]: "0x1000e0071bce95f2\n",
  [`${HOST}/statistics/rx_frames`]: "0x3\n",
  [`${HOST}/statistics/tx_frames`]: "0xffffffffffffffff\n",
  [`${HOST}/statistics/lip_count`]: "no number\n",
  [`${HOST}/statistics/reset_statistics`]: "\n",
};

test("fibrechannel reads a port and omits values that the adapter does not count", async () => {
  using host = hostTree(files);
  expect(await seriesFrom(fibrechannel, host)).toEqual([
    'node_fibrechannel_info{dev_loss_tmo="",fabric_name="",fc_host="host0",port_id="000002",port_name="1000e0071bce95f2",port_state="Online",port_type="",speed="16 Gbit",supported_classes="",supported_speeds="",symbolic_name=""} 1',
    'node_fibrechannel_rx_frames_total{fc_host="host0"} 3',
  ]);
});

test("fibrechannel shows 0 for a port that is switched off", async () => {
  using host = hostTree({ [`${HOST}/port_state`]: "Unknown\n" });
  const series = await seriesFrom(fibrechannel, host);
  expect(series).toHaveLength(15);
  expect(series).toContain('node_fibrechannel_nos_total{fc_host="host0"} 0');
});

test.each([
  ["without ports", {}],
  ["with a count that is none", { ...files, [`${HOST}/statistics/rx_frames`]: "many\n" }],
])("fibrechannel has no success on a host %s", async (_, tree) => {
  using host = hostTree(tree);
  expect(await seriesFrom(fibrechannel, host)).toEqual(['node_scrape_collector_success{collector="fibrechannel"} 0']);
});

test("fibrechannel cuts a long name at the same length as node_exporter", async () => {
  using host = hostTree({ [`${HOST}/port_state`]: "Online\n", [`${HOST}/symbolic_name`]: `${"n".repeat(200)}\n` });
  const [info] = await seriesFrom(fibrechannel, host);
  expect(info).toContain(`symbolic_name="${"n".repeat(128)}"`);
});
