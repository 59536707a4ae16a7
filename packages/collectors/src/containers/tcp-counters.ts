import type { FileTree } from "../host-files/host-files.ts";
import { MalformedCountersError, readProtocolCounters } from "../network/protocol-counters.ts";
import type { Reading } from "./reading.ts";

/**
 * Counters that cAdvisor shows, in lower case. The kernel has more counters, and some of the shown counters do not
 * exist in later kernels.
 */
const SHOWN: ReadonlySet<string> = new Set(
  (
    "rtoalgorithm rtomin rtomax maxconn activeopens passiveopens attemptfails estabresets currestab insegs outsegs " +
    "retranssegs inerrs outrsts incsumerrors embryonicrsts syncookiessent syncookiesrecv syncookiesfailed prunecalled " +
    "rcvpruned ofopruned outofwindowicmps lockdroppedicmps tw twrecycled twkilled tcptimewaitoverflow tcptimeouts " +
    "tcpspuriousrtos tcplossprobes tcplossproberecovery tcprenorecoveryfail tcpsackrecoveryfail tcprenofailures " +
    "tcpsackfailures tcplossfailures delayedacks delayedacklocked delayedacklost listenoverflows listendrops tcphphits " +
    "tcppureacks tcphpacks tcprenorecovery tcpsackrecovery tcpsackreneging tcpfackreorder tcpsackreorder tcprenoreorder " +
    "tcptsreorder tcpfullundo tcppartialundo tcpdsackundo tcplossundo tcpfastretrans tcpslowstartretrans " +
    "tcplostretransmit tcpretransfail tcprcvcollapsed tcpdsackoldsent tcpdsackofosent tcpdsackrecv tcpdsackoforecv " +
    "tcpabortondata tcpabortonclose tcpabortonmemory tcpabortontimeout tcpabortonlinger tcpabortfailed " +
    "tcpmemorypressures tcpmemorypressureschrono tcpsackdiscard tcpdsackignoredold tcpdsackignorednoundo " +
    "tcpmd5notfound tcpmd5unexpected tcpmd5failure tcpsackshifted tcpsackmerged tcpsackshiftfallback tcpbacklogdrop " +
    "pfmemallocdrop tcpminttldrop tcpdeferacceptdrop ipreversepathfilter tcpreqqfulldocookies tcpreqqfulldrop " +
    "tcpfastopenactive tcpfastopenactivefail tcpfastopenpassive tcpfastopenpassivefail tcpfastopenlistenoverflow " +
    "tcpfastopencookiereqd tcpsynretrans tcporigdatasent pawsactive pawsestab"
  ).split(" "),
);

/**
 * Reads the TCP counters of a process's network namespace. Stops at a malformed line of a file, so that the metrics of
 * other containers are still read.
 */
export function readTcpCounters(proc: FileTree, pid: string, into: Reading): void {
  const seen = new Set<string>();
  const add = (protocol: string, name: string, value: string): void => {
    const state = name.toLowerCase();
    if ((protocol !== "Tcp" && protocol !== "TcpExt") || !SHOWN.has(state) || seen.has(state)) return;
    seen.add(state);
    into.add("tcpCounters", Number(value), state);
  };
  try {
    for (const file of ["netstat", "snmp"]) readProtocolCounters(proc.value(`${pid}/net/${file}`) ?? "", add);
  } catch (error) {
    if (!(error instanceof MalformedCountersError)) throw error;
  }
}
