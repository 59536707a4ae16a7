import type { Message } from "../../support/notification-sink.ts";

/** A period in which an instance could not learn of the others' notifications, or report its own. */
export interface Excuse {
  /** External URL of the instance. */
  readonly instance: string;
  /** performance.now() */
  readonly from: number;
  readonly until: number;
  readonly why: string;
}

export interface Repetitions {
  /** Number of repetitions by excuse. */
  readonly excused: ReadonlyMap<string, number>;
  /** One line for each repetition without an excuse. */
  readonly unexcused: readonly string[];
}

/** Content of a message: the group, and the state of each of its alerts. */
const contentOf = ({ groupKey, alerts }: Message): string =>
  `${groupKey} ${alerts
    .map(({ status, labels }) => `${labels["alertname"]}=${status}`)
    .sort()
    .join(" ")}`;

/**
 * Returns messages that repeat earlier content of their group. A repetition is excused in three cases: the first sender
 * could not tell the others, the second sender could not know, or a paused instance sent something outdated in between.
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
