import type { Message } from "../../support/notification-sink.ts";

/**
 * A period in which a duplicate notification of an Alertmanager instance is accepted, because the instance could not
 * exchange notification records with others.
 */
export interface Excuse {
  /** External URL of the Alertmanager instance. */
  readonly instance: string;
  /** Start of the period, as a value of performance.now(). */
  readonly from: number;
  readonly until: number;
  readonly why: string;
}

export interface Repetitions {
  /** Number of accepted duplicate notifications, by the reason for accepting them. */
  readonly excused: ReadonlyMap<string, number>;
  /** One line of text for each duplicate notification without an accepted reason. */
  readonly unexcused: readonly string[];
}

/** Returns a notification's content as text: the alert group, and the state of each alert. */
const contentOf = ({ groupKey, alerts }: Message): string =>
  `${groupKey} ${alerts
    .map(({ status, labels }) => `${labels["alertname"]}=${status}`)
    .sort()
    .join(" ")}`;

/**
 * Returns the duplicate notifications. A duplicate is accepted if its first sender could not record it, its second
 * sender could not read the record, or a paused instance sent an outdated notification in between.
 */
export function repetitionsIn(messages: readonly Message[], excuses: readonly Excuse[]): Repetitions {
  const messagesByGroup = new Map<string, { content: string; message: Message }[]>();
  const excused = new Map<string, number>();
  const unexcused: string[] = [];
  for (const message of messages) {
    const content = contentOf(message);
    const earlier = messagesByGroup.get(message.groupKey) ?? [];
    messagesByGroup.set(message.groupKey, earlier);
    const before = earlier.findLastIndex((other) => other.content === content);
    earlier.push({ content, message });
    if (before < 0) continue;
    const involved = earlier.slice(before).map((one) => one.message);
    const why = involved.flatMap(({ sender, at }) =>
      excuses.filter(({ instance, from, until }) => instance === sender && at >= from && at <= until),
    )[0]?.why;
    if (why !== undefined) excused.set(why, (excused.get(why) ?? 0) + 1);
    else
      unexcused.push(
        earlier
          .slice(before)
          .map((one) => `${one.content} by ${one.message.sender} at ${one.message.at.toFixed(0)}`)
          .join(", "),
      );
  }
  return { excused, unexcused };
}
