import { Menu } from "@mantine/core";
import { useRights } from "../data/rights.ts";
import { administrationLinks } from "../people/frame/administration-links.ts";
import { PageItem } from "./PageItem.tsx";

/** Menu items that lead to the administration pages that the user may open. */
export default function AdministrationItems() {
  const { data: rights } = useRights();
  const links = rights === undefined ? [] : administrationLinks.filter(({ isFor }) => isFor(rights));
  if (links.length === 0) return null;
  return (
    <>
      {rights?.isSignedIn === true && <Menu.Divider />}
      <Menu.Label>Administration</Menu.Label>
      {links.map(({ path, name, icon }) => (
        <PageItem key={path} path={path} name={name} icon={icon} />
      ))}
    </>
  );
}
