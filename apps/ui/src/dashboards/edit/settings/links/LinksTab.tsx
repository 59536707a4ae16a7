import { Group, Select, Stack, Switch, TagsInput, TextInput } from "@mantine/core";
import type { JsonObject } from "@narthex/dashboards";
import { useJsonFields } from "../json-fields.ts";
import { SettingsList } from "../SettingsList.tsx";

const textAt = (item: JsonObject, key: string): string => (typeof item[key] === "string" ? item[key] : "");
const tagsOf = (item: JsonObject): string[] =>
  Array.isArray(item["tags"]) ? item["tags"].filter((tag): tag is string => typeof tag === "string") : [];

export default function LinksTab() {
  return (
    <SettingsList
      noun="link"
      path={["links"]}
      empty="Links are shown above the panels. They lead to other dashboards with certain tags, or to any address."
      make={() => ({
        title: "New link",
        type: "dashboards",
        icon: "external link",
        tooltip: "",
        url: "",
        tags: [],
        asDropdown: false,
        targetBlank: false,
        includeVars: false,
        keepTime: false,
      })}
      copy={(item) => item}
      nameOf={(item) => textAt(item, "title") || "(no title)"}
      detailOf={(item) => (item["type"] === "link" ? textAt(item, "url") : `dashboards ${tagsOf(item).join(", ")}`)}
      renderForm={(index, item) => <LinkForm key={index} index={index} item={item} />}
    />
  );
}

function LinkForm({ index, item }: { index: number; item: JsonObject }) {
  const fields = useJsonFields(["links", index], `link ${textAt(item, "title")}`);
  const isAddress = item["type"] === "link";
  return (
    <Stack gap="md" maw={640}>
      <TextInput label="Title" required {...fields.text("title")} />
      <Select
        label="Kind"
        allowDeselect={false}
        data={[
          { value: "dashboards", label: "Dashboards by their tags" },
          { value: "link", label: "An address" },
        ]}
        value={isAddress ? "link" : "dashboards"}
        onChange={(type) => fields.set(["type"], type ?? "dashboards")}
      />
      {isAddress ? (
        <>
          <TextInput label="Address" placeholder="https://example.org/?job=${job}" {...fields.text("url")} />
          <TextInput label="Tooltip" {...fields.text("tooltip")} />
        </>
      ) : (
        <>
          <TagsInput label="Tags" value={tagsOf(item)} onChange={(tags) => fields.set(["tags"], tags)} />
          <Switch label="As a menu" {...fields.flag("asDropdown")} />
        </>
      )}
      <Group gap="xl">
        <Switch label="Keep the time range" {...fields.flag("keepTime")} />
        <Switch label="Keep the values of variables" {...fields.flag("includeVars")} />
        <Switch label="In a new tab" {...fields.flag("targetBlank")} />
      </Group>
    </Stack>
  );
}
