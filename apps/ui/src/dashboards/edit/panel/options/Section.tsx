import { IconChevronRight } from "@tabler/icons-react";
import { useId, useState } from "react";
import type { ReactNode } from "react";
import { classesOf } from "../../../../shell/style-sheet.ts";
import styles from "./Section.module.css";

const css = classesOf(styles);

/** Inputs below a heading that opens and closes them. */
export function Section({
  title,
  isOpen: isOpenAtFirst = true,
  isForced = false,
  changed = 0,
  children,
}: {
  title: string;
  isOpen?: boolean;
  /** Whether the section is always open, for example during a search. */
  isForced?: boolean;
  /** Number of settings that differ from their defaults. */
  changed?: number;
  children: ReactNode;
}) {
  const id = useId();
  const [isOpen, setOpen] = useState(isOpenAtFirst);
  const shown = isForced || isOpen;
  return (
    <section className={css("section")} aria-labelledby={`${id}-title`}>
      <h3 className={css("head")}>
        <button
          type="button"
          id={`${id}-title`}
          className={css("toggle")}
          aria-expanded={shown}
          onClick={() => setOpen(!shown)}
        >
          <IconChevronRight size={14} aria-hidden className={css("chevron")} />
          {title}
          {changed > 0 && <span className={css("count")} title={`${changed} changed`}>{`${changed} set`}</span>}
        </button>
      </h3>
      {shown && <div className={css("content")}>{children}</div>}
    </section>
  );
}
