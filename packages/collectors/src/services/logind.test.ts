import { afterEach, expect, test, vi } from "vitest";
import { hostTree, seriesFrom } from "../testing/host-tree.ts";
import { type BusAnswer, type BusCall, messageBus, variant } from "../testing/message-bus.ts";
import { logind } from "./logind.ts";

afterEach(() => void vi.unstubAllEnvs());

const SESSIONS: Readonly<Record<string, Readonly<Record<string, ReturnType<typeof variant>>>>> = {
  c1: { Remote: variant("b", false), Type: variant("s", "wayland"), Class: variant("s", "user") },
  c2: { Remote: variant("b", true), Type: variant("s", "tty"), Class: variant("s", "user") },
  c3: { Remote: variant("b", true), Type: variant("s", "tty"), Class: variant("s", "user") },
  c4: { Remote: variant("b", false), Type: variant("s", "hologram"), Class: variant("s", "manager") },
  gone: {},
};
const SEAT: Readonly<Record<string, string>> = { c1: "seat0", c4: "seat0" };

function answer({ path, member, args }: BusCall): BusAnswer {
  if (member === "ListSeats") return { signature: "a(so)", body: [[["seat0", "/org/freedesktop/login1/seat/seat0"]]] };
  if (member === "ListSessions") {
    const rows = Object.keys(SESSIONS).map((id) => [id, 1000, "ada", SEAT[id] ?? "", `/session/${id}`]);
    return { signature: "a(susso)", body: [rows] };
  }
  const value = SESSIONS[path.split("/").at(-1)!]?.[args[1]!];
  return value === undefined ? { error: "org.Gone", message: "no session" } : { signature: "v", body: [value] };
}

test("logind counts sessions by seat, remoteness, type and class", async () => {
  await using bus = await messageBus(answer);
  vi.stubEnv("DBUS_SYSTEM_BUS_ADDRESS", bus.address);
  using files = hostTree();
  const series = await seriesFrom(logind, files);
  expect(series).toHaveLength(2 * 7 * 5 * 2);
  expect(series.filter((line) => !line.endsWith(" 0"))).toEqual([
    'node_logind_sessions{class="other",remote="false",seat="seat0",type="other"} 1',
    'node_logind_sessions{class="user",remote="false",seat="seat0",type="wayland"} 1',
    'node_logind_sessions{class="user",remote="true",seat="",type="tty"} 2',
  ]);
});

test("logind fails if it is refused access", async () => {
  await using bus = await messageBus(answer, { isClosedShop: true });
  vi.stubEnv("DBUS_SYSTEM_BUS_ADDRESS", bus.address);
  using files = hostTree();
  expect(await seriesFrom(logind, files)).toEqual(['node_scrape_collector_success{collector="logind"} 0']);
});
