import { Menu, UnstyledButton } from "@mantine/core";
import type { ResolvedDataLink } from "@narthex/dashboards";
import type { ReactNode } from "react";
import { classesOf } from "../../../shell/style-sheet.ts";
import { fittingSize } from "../../plot/fitting-text.ts";
import { linkValueOf, type ReducedValue, type ReducedValues } from "./reduced-values.ts";
import type { PanelProps } from "../../contracts/panel-kind.ts";
import { addressOf } from "../../../shell/link-anchor.ts";
import { GAP, type ValuesLayout } from "./values-layout.ts";
import styles from "./ValuesGrid.module.css";

const css = classesOf(styles);

interface ValuesGridProps extends Omit<PanelProps, "frames"> {
  readonly reduced: ReducedValues;
  readonly layout: ValuesLayout;
  readonly children: (value: ReducedValue) => ReactNode;
}

/** Arranges values in boxes of equal size. A box may have links. */
export function ValuesGrid({ panel, width, height, context, reduced, layout, children }: ValuesGridProps) {
  const { values, left } = reduced;
  return (
    <div className={css("room", layout.scrolls ? "scrolls" : "")} style={{ width, height }}>
      <ul
        className={css("grid")}
        aria-label={panel.title}
        style={{ gap: GAP, gridTemplateColumns: `repeat(${layout.columns}, ${layout.width}px)` }}
      >
        {values.map((value) => (
          <li key={value.key} className={css("box")} style={{ width: layout.width, height: layout.height }}>
            <Linked links={context.linksOf(linkValueOf(value))} name={value.name}>
              {children(value)}
            </Linked>
          </li>
        ))}
      </ul>
      {left > 0 && <p className={css("left")}>… and {left} more, which are not shown</p>}
    </div>
  );
}

interface LinkedProps {
  readonly links: readonly ResolvedDataLink[];
  readonly name: string;
  readonly children: ReactNode;
}

/** A box with links. A click follows a single link, or opens a menu if there are several. */
function Linked({ links, name, children }: LinkedProps) {
  const [first] = links;
  if (first === undefined) return children;
  if (links.length === 1) {
    return (
      <a className={css("linked")} title={first.title} {...addressOf(first)}>
        {children}
      </a>
    );
  }
  return (
    <Menu withinPortal>
      <Menu.Target>
        <UnstyledButton className={css("linked")} aria-label={`Links of ${name}`}>
          {children}
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        {links.map((link, at) => (
          <Menu.Item key={at} component="a" {...addressOf(link)}>
            {link.title}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

interface NoValuesProps {
  readonly text: string;
  readonly width: number;
  readonly height: number;
}

/** Shows a message in a panel without values. */
export function NoValues({ text, width, height }: NoValuesProps) {
  const size = fittingSize(text, { width: width * 0.8, height: height * 0.6, max: 40 });
  return (
    <div className={css("nothing")} style={{ width, height, fontSize: size }}>
      {text}
    </div>
  );
}
