import { createServer } from "node:http";
import { createInterface } from "node:readline";

/**
 * A program in a host of the lab that receives all notifications and sends requests to the instances. It reads requests
 * as lines of JSON, answers each with a line, and writes a line for each notification.
 *     node outside.ts PORT
 */

export interface InstanceRequest {
  readonly id: number;
  readonly urls: readonly string[];
  readonly method: "DELETE" | "GET" | "POST";
  readonly body?: unknown;
}

/**
 * Answers of Alertmanager instances to a request, in the order of the instances. The answer of an unreachable instance
 * is null.
 */
export interface Answered {
  readonly id: number;
  readonly answers: readonly (Answer | null)[];
}

export interface Answer {
  readonly status: number;
  readonly text: string;
  /** Start and end of the HTTP request, Unix ms. */
  readonly from: number;
  readonly until: number;
}

/** A received notification. */
export interface ReceivedNotification {
  readonly at: number;
  readonly body: {
    readonly externalURL: string;
    readonly groupKey: string;
    readonly notification_reason: string;
    readonly alerts: readonly { readonly status: string; readonly labels: Readonly<Record<string, string>> }[];
  };
}

const writeLine = (line: Answered | ReceivedNotification | "listening"): void =>
  void process.stdout.write(`${JSON.stringify(line)}\n`);

async function send({ id, urls, method, body }: InstanceRequest): Promise<void> {
  const answers = await Promise.all(
    urls.map(async (url): Promise<Answer | null> => {
      const from = Date.now();
      try {
        const response = await fetch(url, {
          method,
          signal: AbortSignal.timeout(3000),
          ...(body === undefined
            ? {}
            : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
        });
        return { status: response.status, text: await response.text(), from, until: Date.now() };
      } catch {
        return null;
      }
    }),
  );
  writeLine({ id, answers });
}

createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on("data", (part: Buffer) => parts.push(part));
  request.on("end", () => {
    writeLine({ at: Date.now(), body: JSON.parse(Buffer.concat(parts).toString()) as ReceivedNotification["body"] });
    response.end();
  });
}).listen(Number(process.argv[2]), "0.0.0.0", () => writeLine("listening"));

createInterface({ input: process.stdin }).on("line", (line) => void send(JSON.parse(line) as InstanceRequest));
