import { IconExternalLink } from "@tabler/icons-react";
import { Link } from "react-router";
import { expressionPath } from "../query-link/panel-link.ts";
import { classesOf } from "./style-sheet.ts";
import styles from "./ExpressionLink.module.css";

const css = classesOf(styles);

/** Shows a PromQL expression as a link to the query page. */
export function ExpressionLink({ expr }: { expr: string }) {
  return (
    <Link to={expressionPath(expr)} className={css("link")} title="Run on the query page">
      <code>{expr}</code>
      <IconExternalLink size={14} aria-hidden />
    </Link>
  );
}
