import { expect, test } from "vitest";
import { SettingsError } from "../settings.ts";
import { hostTree, seriesFrom } from "../testing/host-tree.ts";
import { ipvs } from "./ipvs.ts";
import { parseIpvsTable } from "./ipvs-table.ts";

const files = {
  "proc/net/ip_vs_stats":
    "   Total Incoming Outgoing         Incoming         Outgoing\n   Conns  Packets  Packets            Bytes            Bytes\n 16AA370 E33656E5        0     51D8C8883AB3        0\n\n",
  "proc/net/ip_vs": [
    "IP Virtual Server version 1.2.1 (size=4096)",
    "Prot LocalAddress:Port Scheduler Flags",
    "  -> RemoteAddress:Port Forward Weight ActiveConn InActConn",
    "TCP  C0A80016:0CEA wlc",
    "  -> C0A85216:0CEA      Tunnel  100    248        2",
    "  -> C0A85318:0CEA      Tunnel  100    248        1",
    "FWM  10001000 wlc",
    "  -> C0A8321A:0CEB      Tunnel  20     64         3",
    "",
  ].join("\n"),
};

test("ipvs reads totals and backends", async () => {
  using host = hostTree(files);
  const series = await seriesFrom(ipvs, host);
  expect(series).toContain("node_ipvs_connections_total 2.3765872e+07");
  expect(series).toContain("node_ipvs_incoming_bytes_total 8.9991519156915e+13");
  expect(series).toContain(
    'node_ipvs_backend_connections_active{local_address="192.168.0.22",local_mark="",local_port="3306",proto="TCP",remote_address="192.168.83.24",remote_port="3306"} 248',
  );
  expect(series).toContain(
    'node_ipvs_backend_weight{local_address="",local_mark="10001000",local_port="0",proto="FWM",remote_address="192.168.50.26",remote_port="3307"} 20',
  );
});

test("ipvs adds up backends that the selected labels do not distinguish", async () => {
  using host = hostTree(files);
  const series = await seriesFrom(ipvs, host, { "collector.ipvs.backend-labels": "proto,local_port" });
  expect(series.filter((line) => line.startsWith("node_ipvs_backend"))).toEqual([
    'node_ipvs_backend_connections_active{local_port="0",proto="FWM"} 64',
    'node_ipvs_backend_connections_active{local_port="3306",proto="TCP"} 496',
    'node_ipvs_backend_connections_inactive{local_port="0",proto="FWM"} 3',
    'node_ipvs_backend_connections_inactive{local_port="3306",proto="TCP"} 3',
    'node_ipvs_backend_weight{local_port="0",proto="FWM"} 20',
    'node_ipvs_backend_weight{local_port="3306",proto="TCP"} 200',
  ]);
});

test("ipvs refuses labels it does not know", async () => {
  using host = hostTree(files);
  const asked = seriesFrom(ipvs, host, { "collector.ipvs.backend-labels": "proto,zone,area" });
  await expect(asked).rejects.toThrow(new SettingsError('unknown IPVS backend labels: "area, zone"'));
});

test.each([
  ["[2620:0000:0000:0000:0000:0000:0000:0001]", "2620::1"],
  ["[0000:0000:0000:0000:0000:0000:0000:0000]", "::"],
  ["[2001:0db8:0000:0001:0000:0000:0000:0000]", "2001:db8:0:1::"],
  ["[0001:0000:0000:0002:0000:0000:0003:0004]", "1::2:0:0:3:4"],
  ["[0000:0002:0000:0004:0005:0006:0007:0008]", "0:2:0:4:5:6:7:8"],
  ["[0000:0000:0000:0000:0000:ffff:c0a8:0101]", "192.168.1.1"],
])("an IPVS address %s is shown as %s", (written, shown) => {
  const table = `SCTP ${written}:0050 rr\n  -> ${written}:1F90 Route 1 2 3\n`;
  const [backend] = parseIpvsTable(table);
  expect(backend).toMatchObject({ protocol: "SCTP", localAddress: shown, remoteAddress: shown, remotePort: 8080 });
});

test("ipvs shows its totals if the table is invalid, and has no data without the module", async () => {
  const failed = 'node_scrape_collector_success{collector="ipvs"} 0';
  using broken = hostTree({ ...files, "proc/net/ip_vs": "TCP  C0A8:0CEA wlc\n" });
  expect(await seriesFrom(ipvs, broken)).toHaveLength(6);
  expect(await seriesFrom(ipvs, broken)).toContain(failed);
  using short = hostTree({ "proc/net/ip_vs_stats": "Total\nConns\n" });
  expect(await seriesFrom(ipvs, short)).toEqual([failed]);
  using none = hostTree();
  expect(await seriesFrom(ipvs, none)).toEqual([failed]);
});
