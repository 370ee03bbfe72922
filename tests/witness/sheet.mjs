// Draws messages as Slack would, with slack-blocks-to-jsx: reads {folder, users, sheets} from standard input,
// writes one HTML page to standard output.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const asked = JSON.parse(readFileSync(0, "utf8"));
const require = createRequire(join(asked.folder, "package.json"));
const from = (path) => import(pathToFileURL(join(asked.folder, "node_modules", path)).href);
const React = require("react");
const { renderToStaticMarkup } = require("react-dom/server");
const library = "slack-blocks-to-jsx/dist";
const { Message } = await from(join(library, "index.mjs"));
const css = readFileSync(join(asked.folder, "node_modules", library, "style.css"), "utf8");

// To Slack, verbatim keeps what was typed from becoming links; to this library it means no markup at all.
const marked = (node) => {
  if (Array.isArray(node)) return node.map(marked);
  if (node === null || typeof node !== "object") return node;
  return Object.fromEntries(Object.entries(node).filter(([name]) => name !== "verbatim").map(([name, value]) => [name, marked(value)]));
};

const drawn = asked.sheets.map(({ name, text, blocks }) => {
  const message = React.createElement(Message, {
    blocks: marked(blocks), name: "Offboard", logo: "", time: new Date(0), data: { users: asked.users, channels: [], user_groups: [] },
  });
  return `<figure><figcaption>${name}<br><i>${text}</i></figcaption>${renderToStaticMarkup(message)}</figure>`;
});
process.stdout.write(`<!doctype html><meta charset="utf-8"><style>${css}
body { margin: 24px; background: #eee; font-family: Lato, "Noto Sans CJK SC", sans-serif; columns: 2 620px; }
figure { background: #fff; margin: 0 0 18px; padding: 12px; break-inside: avoid; }
figcaption { color: #667; font-size: 11px; margin-bottom: 6px; }</style>${drawn.join("")}`);
