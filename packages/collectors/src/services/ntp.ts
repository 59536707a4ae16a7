import { BlockList, isIP } from "node:net";
import { formatGoDuration, parseGoDuration } from "@narthex/model";
import { flagKinds } from "@narthex/runtime";
import { defineCollector } from "../collector.ts";
import { gauge } from "../metric.ts";
import { type Settings, SettingsError } from "../settings.ts";
import { askNtp, passesSanityChecks, type NtpResponse } from "./sntp.ts";

const SERVER = "collector.ntp.server";
const PORT = "collector.ntp.server-port";
const VERSION = "collector.ntp.protocol-version";
const IS_LOCAL = "collector.ntp.server-is-local";
const TIME_TO_LIVE = "collector.ntp.ip-ttl";
const MAX_DISTANCE = "collector.ntp.max-distance";
const TOLERANCE = "collector.ntp.local-offset-tolerance";

const TIMEOUT_MS = 1000;
const SECOND = 1_000_000_000n;
const DAY = 86_400n * SECOND;
/** Leap indicators that announce an inserted or removed second at midnight. */
const ADD_SECOND = 1;
const DELETE_SECOND = 2;

const flags = {
  [SERVER]: flagKinds.text("127.0.0.1", "NTP server to use for ntp collector"),
  [PORT]: flagKinds.integer(123, "UDP port number to connect to on NTP server"),
  [VERSION]: flagKinds.integer(4, "NTP protocol version"),
  [IS_LOCAL]: flagKinds.flag(false, "Certify that collector.ntp.server address is not a public ntp server"),
  [TIME_TO_LIVE]: flagKinds.integer(1, "IP TTL to use while sending NTP query"),
  [MAX_DISTANCE]: flagKinds.parsed(3466.08, parseGoDuration, formatGoDuration, "Max accumulated distance to the root"),
  [TOLERANCE]: flagKinds.parsed(
    1,
    parseGoDuration,
    formatGoDuration,
    "Offset between local clock and local ntpd time to tolerate",
  ),
};

/** Exports the time of this host's NTP server and whether the server can be trusted. */
export const ntp = defineCollector({
  name: "ntp",
  enabled: false,
  flags,
  metrics: {
    stratum: gauge("node_ntp_stratum", "NTPD stratum."),
    leap: gauge("node_ntp_leap", "NTPD leap second indicator, 2 bits."),
    rtt: gauge("node_ntp_rtt_seconds", "RTT to NTPD."),
    offset: gauge("node_ntp_offset_seconds", "ClockOffset between NTP and local clock."),
    referenceTime: gauge("node_ntp_reference_timestamp_seconds", "NTPD ReferenceTime, UNIX timestamp."),
    rootDelay: gauge("node_ntp_root_delay_seconds", "NTPD RootDelay."),
    rootDispersion: gauge("node_ntp_root_dispersion_seconds", "NTPD RootDispersion."),
    sanity: gauge("node_ntp_sanity", "NTPD sanity according to RFC5905 heuristics and configured limits."),
  },
  open({ settings, clock, logger }) {
    checkSettings(settings);
    logger.warn("This collector is deprecated and will be removed in the next major version release.");
    const maxDistance = nanoseconds(settings.number(MAX_DISTANCE));
    const tolerance = nanoseconds(settings.number(TOLERANCE));
    const leapSeconds = new LeapSeconds();
    const question = {
      ...placeOf(settings.text(SERVER), settings.number(PORT)),
      version: settings.number(VERSION),
      timeToLive: settings.number(TIME_TO_LIVE),
      timeoutMs: TIMEOUT_MS,
      clock,
    };
    return async (_files, emit) => {
      const answer = await askNtp(question).catch((cause: unknown) => {
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new Error(`couldn't get SNTP reply: ${why}`, { cause });
      });
      emit.stratum(answer.stratum);
      emit.leap(answer.leap);
      emit.rtt(seconds(answer.roundTrip));
      emit.offset(seconds(answer.offset));
      emit.referenceTime(answer.referenceTime >= SECOND ? Number(answer.referenceTime) / 1e9 : 0);
      emit.rootDelay(seconds(answer.rootDelay));
      emit.rootDispersion(seconds(answer.rootDispersion));
      // Tolerates a difference of one more second around a leap second, because some servers spread the leap second
      // over the day.
      const allowed = tolerance + (leapSeconds.isNear(answer) ? SECOND : 0n);
      const isSane = passesSanityChecks(answer) && answer.rootDistance <= maxDistance && answer.minError <= allowed;
      emit.sanity(isSane ? 1 : 0);
    };
  },
});

function checkSettings(settings: Settings): void {
  if (!settings.boolean(IS_LOCAL) && !isLoopback(settings.text(SERVER)))
    throw new SettingsError("only IP address of local NTP server is valid for --collector.ntp.server");
  const version = settings.number(VERSION);
  if (version < 2 || version > 4)
    throw new SettingsError(`invalid NTP protocol version ${version}; must be 2, 3, or 4`);
  if (settings.number(TOLERANCE) < 0) throw new SettingsError("offset tolerance must be non-negative");
  const port = settings.number(PORT);
  if (port < 1 || port > 65_535)
    throw new SettingsError(`invalid NTP port number ${port}; must be between 1 and 65535 inclusive`);
}

function isLoopback(address: string): boolean {
  const loopback = new BlockList();
  loopback.addSubnet("127.0.0.0", 8);
  loopback.addAddress("::1", "ipv6");
  return isIP(address) !== 0 && loopback.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}

/** Parses `host`, `host:port`, an IPv6 address, `[address]` or `[address]:port` into host and port. */
function placeOf(server: string, port: number): { host: string; port: number } {
  const [, bracketed, own] = /^\[([^\]]*)\](?::(\d+))?$/.exec(server) ?? /^([^:]*):(\d+)$/.exec(server) ?? [];
  return bracketed === undefined
    ? { host: server, port }
    : { host: bracketed, port: own === undefined ? port : Number(own) };
}

/** Remembers when a leap second is due, because servers stop announcing the leap second when it is due. */
class LeapSeconds {
  #midnight: bigint | undefined;

  isNear({ leap, time }: NtpResponse): boolean {
    if (leap === ADD_SECOND || leap === DELETE_SECOND) this.#midnight = (time / DAY + 1n) * DAY;
    return this.#midnight !== undefined && this.#midnight - DAY < time && time < this.#midnight + DAY;
  }
}

const nanoseconds = (ms: number): bigint => BigInt(Math.round(ms * 1e6));

/** Converts nanoseconds to seconds. Converts whole seconds and the rest separately, as Go does for a duration. */
const seconds = (span: bigint): number => Number(span / SECOND) + Number(span % SECOND) / 1e9;
