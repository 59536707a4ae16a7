import { Button, Menu, Text, Tooltip } from "@mantine/core";
import {
  IconBolt,
  IconChevronDown,
  IconCloud,
  IconExternalLink,
  IconFile,
  IconHelp,
  IconInfoCircle,
  IconLayoutDashboard,
} from "@tabler/icons-react";
import type { Icon } from "@tabler/icons-react";
import { type DashboardLink, interpolate, linkAddress, type LinkContext } from "@narthex/dashboards";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { errorSentence } from "../../shell/StatusMessage.tsx";
import { classesOf } from "../../shell/style-sheet.ts";
import { type SearchHit, searchDashboards } from "../data/dashboard-api.ts";
import { anchorTo } from "../../shell/link-anchor.ts";
import styles from "./DashboardLinks.module.css";
import { dashboardsKey } from "../data/dashboard-queries.ts";

const css = classesOf(styles);

/** Maps the icon names in the JSON of dashboard links to icon components. */
const ICONS: Readonly<Record<string, Icon>> = {
  "external link": IconExternalLink,
  dashboard: IconLayoutDashboard,
  question: IconHelp,
  info: IconInfoCircle,
  bolt: IconBolt,
  doc: IconFile,
  cloud: IconCloud,
};

interface DashboardLinksProps extends LinkContext {
  readonly links: readonly DashboardLink[];
  /** Uid of the open dashboard. Lists of links leave this dashboard out. */
  readonly uid: string;
}

/** The links of a dashboard. A link leads to an address, or to all dashboards with certain tags. */
export function DashboardLinks({ links, uid, ...around }: DashboardLinksProps) {
  if (links.length === 0) return null;
  return (
    <ul className={css("links")} aria-label="Links">
      {links.map((link, at) => {
        const Kind = link.type === "link" ? AddressLink : link.asDropdown ? TaggedMenu : TaggedLinks;
        return <Kind key={`${at} ${link.title}`} link={link} uid={uid} around={around} />;
      })}
    </ul>
  );
}

interface LinkProps {
  readonly link: DashboardLink;
  readonly uid: string;
  readonly around: LinkContext;
}

function LinkButton(props: { link: DashboardLink; href: string; icon: Icon; tooltip: string; children: ReactNode }) {
  const { link, href, icon: Sign, tooltip, children } = props;
  return (
    <Tooltip label={tooltip} disabled={tooltip === ""}>
      <Button
        {...anchorTo({ href, targetBlank: link.targetBlank })}
        variant="default"
        size="xs"
        h={30}
        leftSection={<Sign size={15} aria-hidden />}
      >
        {children}
      </Button>
    </Tooltip>
  );
}

function AddressLink({ link, around }: LinkProps) {
  const href = linkAddress(link, around);
  const title = interpolate(link.title, around.lookup, "text");
  const icon = Object.hasOwn(ICONS, link.icon) ? ICONS[link.icon]! : IconExternalLink;
  if (href === undefined) return null;
  return (
    <li>
      <LinkButton link={link} href={href} icon={icon} tooltip={interpolate(link.tooltip, around.lookup, "text")}>
        {title === "" ? href.slice(0, 60) : title}
      </LinkButton>
    </li>
  );
}

/** Returns the dashboards with a link's tags, each with its address. */
function useTagged({ link, uid, around }: LinkProps) {
  const { data, error } = useQuery({
    queryKey: [...dashboardsKey, "tagged", link.tags],
    queryFn: ({ signal }) => searchDashboards("", link.tags, signal),
    staleTime: 60_000,
  });
  const hits = (data ?? []).filter((hit: SearchHit) => hit.type === "dash-db" && hit.uid !== uid);
  return {
    error,
    found: hits.flatMap((hit) => {
      const { includeVars, keepTime } = link;
      // The address is used without replacing variables: it comes from the server, and contains a title that may look
      // like a variable.
      const href = linkAddress({ url: hit.url, includeVars, keepTime }, { ...around, lookup: () => undefined });
      return href === undefined ? [] : [{ uid: hit.uid, title: hit.title, href }];
    }),
  };
}

function TaggedLinks(props: LinkProps) {
  const { found, error } = useTagged(props);
  if (error !== null) {
    return (
      <Text component="li" size="xs" c="red">
        {errorSentence(error)}
      </Text>
    );
  }
  return found.map(({ uid, title, href }) => (
    <li key={uid}>
      <LinkButton link={props.link} href={href} icon={IconLayoutDashboard} tooltip={props.link.tooltip}>
        {title}
      </LinkButton>
    </li>
  ));
}

function TaggedMenu(props: LinkProps) {
  const { link, around } = props;
  const { found, error } = useTagged(props);
  const title = interpolate(link.title, around.lookup, "text");
  return (
    <li>
      <Menu shadow="md" position="bottom-start">
        <Menu.Target>
          <Button
            variant="default"
            size="xs"
            h={30}
            leftSection={<IconLayoutDashboard size={15} aria-hidden />}
            rightSection={<IconChevronDown size={14} aria-hidden />}
          >
            {title === "" ? "Dashboards" : title}
          </Button>
        </Menu.Target>
        <Menu.Dropdown mah="60vh" style={{ overflow: "auto" }}>
          {found.map(({ uid, title, href }) => (
            <Menu.Item key={uid} {...anchorTo({ href, targetBlank: link.targetBlank })}>
              {title}
            </Menu.Item>
          ))}
          {found.length === 0 && (
            <Menu.Item disabled>
              {error === null ? "No other dashboard has these tags." : errorSentence(error)}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
    </li>
  );
}
