import { classesOf } from "../../../shell/style-sheet.ts";
import styles from "./PageControls.module.css";

const css = classesOf(styles);

interface PageControlsProps {
  readonly label: string;
  readonly page: number;
  readonly pages: number;
  readonly pageRows: number;
  readonly rows: number;
  readonly onPage: (page: number) => void;
}

export function PageControls({ label, page, pages, pageRows, rows, onPage }: PageControlsProps) {
  const first = rows === 0 ? 0 : page * pageRows + 1;
  return (
    <nav className={css("pages")} aria-label={label}>
      <button type="button" disabled={page === 0} aria-label="First page" onClick={() => onPage(0)}>
        «
      </button>
      <button type="button" disabled={page === 0} aria-label="Previous page" onClick={() => onPage(page - 1)}>
        ‹
      </button>
      <span>
        {first} – {Math.min(rows, (page + 1) * pageRows)} of {rows} rows
      </span>
      <button type="button" disabled={page >= pages - 1} aria-label="Next page" onClick={() => onPage(page + 1)}>
        ›
      </button>
      <button type="button" disabled={page >= pages - 1} aria-label="Last page" onClick={() => onPage(pages - 1)}>
        »
      </button>
    </nav>
  );
}
