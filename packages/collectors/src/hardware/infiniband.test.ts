import { expect, test } from "vitest";
import { hostTree, seriesFrom } from "../testing/host-tree.ts";
import { infiniband } from "./infiniband.ts";

const PORT = "sys/class/infiniband/mlx5_0/ports/1";
const files = {
  "sys/class/infiniband/mlx5_0/fw_ver": "16.35.4030\n",
  "sys/class/infiniband/mlx5_0/hca_type": "MT4119\n",
  [`${PORT}/link_layer`]: "InfiniBand\n",
  [`${PORT}/state`]: "4: ACTIVE\n",
  [`${PORT}/phys_state`]: "5: LinkUp\n",
  [`${PORT}/rate`]: "2.5 Gb/sec (1X SDR)\n",
  [`${PORT}/counters/port_rcv_data`]: "1000\n",
  [`${PORT}/counters/VL15_dropped`]: "0\n",
  [`${PORT}/counters/symbol_error`]: "N/A (no PMA)\n",
  [`${PORT}/counters/brand_new`]: "not read\n",
  [`${PORT}/counters_ext/port_xmit_data_64`]: "7\n",
  [`${PORT}/hw_counters/lifespan`]: "10500\n",
  [`${PORT}/hw_counters/rx_icrc_encapsulated`]: "3\n",
};

test("infiniband shows ports, data multiplied by four lanes, and hardware counters, without values that the adapter lacks", async () => {
  using host = hostTree(files);
  expect(await seriesFrom(infiniband, host)).toEqual([
    'node_infiniband_info{board_id="",device="mlx5_0",firmware_version="16.35.4030",hca_type="MT4119"} 1',
    'node_infiniband_legacy_data_transmitted_bytes_total{device="mlx5_0",port="1"} 28',
    'node_infiniband_lifespan_seconds{device="mlx5_0",port="1"} 10',
    'node_infiniband_physical_state_id{device="mlx5_0",port="1"} 5',
    'node_infiniband_port_data_received_bytes_total{device="mlx5_0",port="1"} 4000',
    'node_infiniband_rate_bytes_per_second{device="mlx5_0",port="1"} 3.125e+08',
    'node_infiniband_rx_icrc_encapsulated_errors_total{device="mlx5_0",port="1"} 3',
    'node_infiniband_state_id{device="mlx5_0",port="1"} 4',
    'node_infiniband_vl15_dropped_total{device="mlx5_0",port="1"} 0',
  ]);
});

test("infiniband omits devices that its expressions exclude", async () => {
  using host = hostTree(files);
  expect(await seriesFrom(infiniband, host, { "collector.infiniband.device-exclude": "mlx" })).toEqual([]);
  expect(await seriesFrom(infiniband, host, { "collector.infiniband.device-include": "_0$" })).toHaveLength(9);
});

test.each([
  ["no adapters", {}],
  ["a state without a name", { ...files, [`${PORT}/state`]: "4\n" }],
  ["a rate without a unit", { ...files, [`${PORT}/rate`]: "40\n" }],
  ["a counter that is none", { ...files, [`${PORT}/hw_counters/lifespan`]: "long\n" }],
  ["a port that is no number", { ...files, "sys/class/infiniband/mlx5_0/ports/one/state": "4: ACTIVE\n" }],
])("infiniband has no success on a host with %s", async (_, tree) => {
  using host = hostTree(tree);
  expect(await seriesFrom(infiniband, host)).toEqual(['node_scrape_collector_success{collector="infiniband"} 0']);
});
