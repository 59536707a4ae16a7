import { IconChevronDown } from "@tabler/icons-react";
import { type ComponentProps, type ReactNode, useState } from "react";
import { classesOf } from "../../../shell/style-sheet.ts";
import styles from "./EntryCard.module.css";

const css = classesOf(styles);

interface EntryCardProps extends Omit<ComponentProps<"section">, "className"> {
  /** Name of the query or transformation for screen readers. */
  readonly name: string;
  /** Content of the card's header, before the buttons. */
  readonly head: ReactNode;
  readonly tools: ReactNode;
  /** Whether the query or transformation is disabled. */
  readonly isOff: boolean;
  readonly isDragged?: boolean;
  /** Content below the body, which stays visible when the user folds the card. */
  readonly foot?: ReactNode;
}

/** A query or a transformation of a panel. The user can fold the card. */
export function EntryCard({ name, head, tools, isOff, isDragged, foot, children, ...section }: EntryCardProps) {
  const [isOpen, setOpen] = useState(true);
  return (
    <section
      {...section}
      className={css("card")}
      data-off={isOff || undefined}
      data-dragged={isDragged === true || undefined}
    >
      <header className={css("head")}>
        <button
          type="button"
          className={css("toggle")}
          aria-expanded={isOpen}
          aria-label={`Show ${name}`}
          onClick={() => setOpen(!isOpen)}
        >
          <IconChevronDown size={14} aria-hidden />
        </button>
        {head}
        <div className={css("tools")}>{tools}</div>
      </header>
      {isOpen && <div className={css("body")}>{children}</div>}
      {foot}
    </section>
  );
}
