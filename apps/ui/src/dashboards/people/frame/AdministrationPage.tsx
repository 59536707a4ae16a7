import "../../styles/mantine.css";
import type { ReactNode } from "react";
import { NavLink } from "react-router";
import { PageHeader } from "../../../shell/PageHeader.tsx";
import { EmptyMessage, ErrorMessage, LoadingMessage } from "../../../shell/StatusMessage.tsx";
import { classesOf } from "../../../shell/style-sheet.ts";
import { type Rights, useRights } from "../../data/rights.ts";
import { administrationLinks } from "./administration-links.ts";
import styles from "./AdministrationPage.module.css";

const css = classesOf(styles);

/**
 * Links to the administration pages that the user may open. Hidden if there is only one link, which would lead to the
 * open page.
 */
function AdministrationNav({ rights }: { rights: Rights }) {
  const links = administrationLinks.filter(({ isFor }) => isFor(rights));
  if (links.length < 2) return null;
  return (
    <nav className={css("nav")} aria-label="Administration">
      {links.map(({ path, name, icon: LinkIcon }) => (
        <NavLink key={path} to={path} className={css("link")}>
          <LinkIcon size={15} aria-hidden />
          {name}
        </NavLink>
      ))}
    </nav>
  );
}

/**
 * Frame of an administration page: links to the other pages, heading and content. Users without access see the reason
 * in place of the content.
 */
export function AdministrationPage({
  title,
  isFor = () => true,
  reason,
  summary,
  renderToolbar,
  children,
}: {
  title: string;
  /** Reports whether the user may open the page. By default, only the server decides. */
  isFor?: (rights: Rights) => boolean;
  /** Sentence for users without access that says who may open the page. */
  reason?: string;
  /** Text next to the heading, such as a sentence or counts. */
  summary?: ReactNode;
  /** Renders buttons at the end of the heading's line. */
  renderToolbar?: (rights: Rights) => ReactNode;
  children: (rights: Rights) => ReactNode;
}) {
  const { data: rights, error, refetch } = useRights();
  if (rights === undefined) {
    return (
      <>
        <PageHeader title={title} />
        {error === null ? <LoadingMessage /> : <ErrorMessage error={error} onRetry={() => void refetch()} />}
      </>
    );
  }
  const isAllowed = isFor(rights);
  return (
    <>
      <AdministrationNav rights={rights} />
      <PageHeader title={title} {...(isAllowed ? { toolbar: renderToolbar?.(rights) } : {})}>
        {isAllowed && summary}
      </PageHeader>
      {isAllowed ? children(rights) : <EmptyMessage title="You may not use this page">{reason}</EmptyMessage>}
    </>
  );
}
