import { isDeepStrictEqual } from "node:util";
import type { Running } from "../../support/running.ts";
import { Workplace } from "../../support/workplace.ts";
import { type Answer, type Request, Side } from "./request.ts";
import { startManager } from "../lone-manager.ts";

/** A configuration that routes, groups and inhibits alerts, with a receiver that has no integrations. */
export const CONFIG = `route:
  receiver: default
  group_by: [alertname]
  group_wait: 1h
  routes:
    - {receiver: hook, matchers: ['severity="critical"'], continue: true}
    - {receiver: muted, matchers: ['team=~"a|b"']}
receivers:
  - name: default
  - {name: hook, labels: {team: <x>, b: a}, webhook_configs: [{url: 'http://127.0.0.1:1/'}]}
  - name: muted
inhibit_rules:
  - {source_matchers: [severity=critical], target_matchers: [severity=warning], equal: [inst]}
`;

/** The original Alertmanager and ours, which run at the same time with one configuration. */
export class Pair implements AsyncDisposable {
  readonly ours: Side;
  readonly theirs: Side;
  readonly own: Running;
  readonly peer: Running;
  readonly workplace: Workplace;

  private constructor(ports: readonly [number, number], running: readonly [Running, Running], workplace: Workplace) {
    [this.own, this.peer] = running;
    [this.ours, this.theirs] = [new Side(ports[0]), new Side(ports[1])];
    this.workplace = workplace;
  }

  static async start(flags: readonly string[] = [], config = CONFIG, prefix = ""): Promise<Pair> {
    const workplace = new Workplace();
    const configFile = workplace.write("alertmanager.yml", config);
    const [own, peer] = await Promise.all([
      startManager("narthex", { workplace, name: "ours", configFile }, { flags, prefix }),
      startManager("peer", { workplace, name: "theirs", configFile }, { flags, prefix }),
    ]);
    return new Pair([own.port, peer.port], [own.running, peer.running], workplace);
  }

  /**
   * Sends requests to the original Alertmanager and to ours. Returns the requests whose answers differ, with the
   * differing parts.
   */
  async unlike(requests: readonly Request[]): Promise<string[]> {
    const found: string[] = [];
    for (const one of requests) {
      // oxlint-disable-next-line no-await-in-loop -- a request changes the state for the next one
      const [own, peer] = await Promise.all([this.ours.send(one), this.theirs.send(one)]);
      const expected = withRouteLabels(peer, own);
      if (!isDeepStrictEqual(own, expected)) found.push(describe(one, own, expected));
    }
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.own[Symbol.asyncDispose](), this.peer[Symbol.asyncDispose]()]);
    this.workplace[Symbol.dispose]();
  }
}

/**
 * Adds `routeLabels` to the groups in the original Alertmanager's response. Alertmanager has this field since version
 * 0.34, and the original in this test is older.
 */
function withRouteLabels(peer: Answer, own: Answer): Answer {
  if (!own.body.includes('"routeLabels":{}')) return peer;
  return { ...peer, body: peer.body.replace(/("receiver":\{"name":"[^"]*"\})\}/g, '$1,"routeLabels":{}}') };
}

function describe(one: Request, own: Answer, peer: Answer): string {
  const { method = "GET", path, headers = {}, body = "" } = one;
  const [a, b] = [own, peer].map(
    ({ status, headers: answered, body: text }) => `${status} ${JSON.stringify(answered)} ${text}`,
  );
  let at = 0;
  while (a![at] === b![at]) at++;
  const part = (text: string): string => text.slice(Math.max(0, at - 60), at + 160);
  const requestLine = `${method} ${path} ${JSON.stringify(headers)} ${String(body).slice(0, 300)}`;
  return `${requestLine}\n  ours   … ${part(a!)}\n  theirs … ${part(b!)}`;
}
