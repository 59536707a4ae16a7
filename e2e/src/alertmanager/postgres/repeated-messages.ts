import type { Message } from "../../support/notification-sink.ts";

/** A stretch of time in which an instance could not know what others told, or tell them what it did. */
export interface Excuse {
  /** The instance, by its external URL. */
  readonly instance: string;
  /** performance.now() */
  readonly from: number;
  readonly until: number;
  readonly why: string;
}

export interface Repetitions {
  /** How many, by excuse. */
  readonly excused: ReadonlyMap<string, number>;
  /** A line for each that nothing excuses. */
  readonly unexcused: readonly string[];
}

/** What a message says: the group, and the state of each of its alerts. */
const contentOf = ({ groupKey, alerts }: Message): string =>
  `${groupKey} ${alerts
    .map(({ status, labels }) => `${labels["alertname"]}=${status}`)
    .sort()
    .join(" ")}`;

/**
 * Messages that say what has been said before of their group. One is excused when the instance that said it first had no
 * way to tell the others, or the one that repeats it had no way to know, or one that had slept said something else in
 * between, out of date.
 */
export function repetitionsIn(messages: readonly Message[], excuses: readonly Excuse[]): Repetitions {
  const saidBy = new Map<string, { content: string; message: Message }[]>();
  const excused = new Map<string, number>();
  const unexcused: string[] = [];
  for (const message of messages) {
    const content = contentOf(message);
    const said = saidBy.get(message.groupKey) ?? [];
    saidBy.set(message.groupKey, said);
    const before = said.findLastIndex((other) => other.content === content);
    said.push({ content, message });
    if (before < 0) continue;
    const involved = said.slice(before).map((one) => one.message);
    const why = involved.flatMap(({ sender, at }) =>
      excuses.filter(({ instance, from, until }) => instance === sender && at >= from && at <= until),
    )[0]?.why;
    if (why !== undefined) excused.set(why, (excused.get(why) ?? 0) + 1);
    else
      unexcused.push(
        said
          .slice(before)
          .map((one) => `${one.content} by ${one.message.sender} at ${one.message.at.toFixed(0)}`)
          .join(", "),
      );
  }
  return { excused, unexcused };
}
