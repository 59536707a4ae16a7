import type { ApiSilence } from "./api-shapes.ts";
import { shownMatcher } from "./matcher-arguments.ts";
import { millisecondsOf } from "./moments.ts";
import { printAnswer } from "./print-answer.ts";
import type { Session } from "./session.ts";

/** Prints silences sorted by their end times. JSON output keeps the order of the API's response. */
export function printSilences(session: Session, silences: readonly ApiSilence[]): void {
  const sorted = silences.toSorted((a, b) => millisecondsOf(a.endsAt) - millisecondsOf(b.endsAt));
  printAnswer(session, silences, {
    simple: () => simpleRows(session, sorted),
    extended: () => extendedRows(session, sorted),
  });
}

const simpleRows = (session: Session, silences: readonly ApiSilence[]): string[][] => [
  ["ID", "Matchers", "Ends At", "Created By", "Comment"],
  ...silences.map(({ id, matchers, endsAt, createdBy, comment }) => [
    id,
    matchers.map(shownMatcher).join(" "),
    session.showTime(endsAt),
    createdBy,
    comment,
  ]),
];

const extendedRows = (session: Session, silences: readonly ApiSilence[]): string[][] => [
  ["ID", "Matchers", "Starts At", "Ends At", "Updated At", "Created By", "Comment"],
  ...silences.map(({ id, matchers, startsAt, endsAt, updatedAt, createdBy, comment }) => [
    id,
    `{${matchers.map(shownMatcher).join(",")}}`,
    session.showTime(startsAt),
    session.showTime(endsAt),
    session.showTime(updatedAt),
    createdBy,
    comment,
  ]),
];
