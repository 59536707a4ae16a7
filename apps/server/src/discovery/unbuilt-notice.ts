import type { Notices } from "../web/notices.ts";

/**
 * Returns a function that must be called with the unsupported discovery sections of each new configuration. While there
 * are any, the UI shows a notice.
 * @param found the objects that these sections do not find, for example "targets"
 */
export function unbuiltNotice(notices: Pick<Notices, "add" | "remove">, found: string) {
  let shown = "";
  return (sections: readonly string[]): void => {
    if (shown !== "") notices.remove(shown);
    shown = sections.length === 0 ? "" : sentence(sections, found);
    if (shown !== "") notices.add(shown);
  };
}

const sentence = (sections: readonly string[], found: string): string => {
  const verbs = sections.length === 1 ? "is not in this build: it finds" : "are not in this build: they find";
  return `${sections.join(", ")} ${verbs} no ${found}.`;
};
