// The page's whole script: send what people do, put in what the server pushes. Nothing is decided here.
"use strict";

const seen = { version: Number(document.body.dataset.version) };
const views = {};
const $ = (id) => document.getElementById(id);

// ---------------------------------------------------------------- what people do

async function post(path, data) {
  const asked = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(data) };
  try {
    const answer = await fetch(path, asked);
    return answer.ok && !(await answer.json()).busy;
  } catch {
    say(document.body.dataset.offline);
    return false;
  }
}

function say(text) {
  const note = document.createElement("p");
  note.className = "note bad";
  note.textContent = text;
  $("slot-note").replaceChildren(note);
  delete $("slot-note").dataset.html;
}

function sure(button) {
  if (!button.dataset.confirm) return Promise.resolve(true);
  const asked = JSON.parse(button.dataset.confirm);
  const box = $("ask");
  $("ask-title").textContent = asked.title;
  $("ask-text").textContent = asked.text;
  $("ask-yes").textContent = asked.yes;
  $("ask-no").textContent = asked.no;
  box.returnValue = "no";
  box.showModal();
  return new Promise((done) => box.addEventListener("close", () => done(box.returnValue === "yes"), { once: true }));
}

// What Slack would report: the action, and the state of every field of the message.
function slackReport(button, entry) {
  const action = JSON.parse(button.dataset.slack);
  if (button.dataset.pick) {
    const value = $(button.dataset.pick).value;
    if (!value) return unanswered($(button.dataset.pick));
    if (action.type === "datepicker") action.selected_date = value;
    else if (action.type === "users_select") action.selected_user = value;
    else action.selected_option = { value };
  }
  const values = {};
  for (const field of entry.querySelectorAll("[data-field]")) {
    const about = JSON.parse(field.dataset.field);
    const state = { type: about.type };
    if (about.type === "plain_text_input") state.value = field.querySelector("input").value || null;
    else state.selected_options = [...field.querySelectorAll("input:checked")].map((box) => ({ value: box.value }));
    (values[about.block_id] ||= {})[about.action_id] = state;
  }
  return { type: "block_actions", actions: [action], state: { values } };
}

// What WeCom would report: the key of the button, and what is selected on the card.
function wecomReport(button, entry) {
  const card = entry.querySelector("[data-card]");
  const items = [...card.querySelectorAll("[data-question]")].map((field) => ({
    QuestionKey: field.dataset.question,
    OptionIds: [...field.querySelectorAll("input:checked, option:checked")].map((one) => one.value).filter(Boolean),
  }));
  const open = [...card.querySelectorAll("[data-question] select")].find((select) => !select.value);
  if (open && button.dataset.wecom.startsWith(`answer@${open.closest("[data-question]").dataset.question}@`)) return unanswered(open);
  return { Event: "template_card_event", EventKey: button.dataset.wecom, ...JSON.parse(card.dataset.card), SelectedItems: items };
}

// Nothing is chosen: nothing is sent.
function unanswered(field) {
  say(document.body.dataset.choose);
  field.focus();
  return null;
}

// The focus stays where it is seen: on what opens the menu.
function shut(menu) {
  if (!menu) return;
  const focused = menu.contains(document.activeElement);
  menu.removeAttribute("open");
  if (focused) menu.querySelector("summary").focus({ preventScroll: true });
}

// What begins something is gone as soon as it has begun: the focus waits in the conversation.
function stay(button) {
  const empty = button.closest(".empty");
  if (empty?.contains(document.activeElement)) empty.closest(".log").focus({ preventScroll: true });
}

async function press(button) {
  const entry = button.closest(".entry");
  const report = button.dataset.slack ? slackReport(button, entry) : wecomReport(button, entry);
  if (!report || !(await sure(button))) return;
  shut(button.closest("details.overflow"));
  delete entry.closest(".log").dataset.away;
  await post("/press", { message: entry.id, look: document.body.dataset.look, payload: report });
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button, a.look");
  if (event.target.closest("dialog")) return; // what it was asked from stays open, and has the focus again
  for (const open of document.querySelectorAll("details.drop[open], details.overflow[open]"))
    if (!open.contains(event.target)) open.removeAttribute("open");
  if (!button) return;
  if (button.matches("a.look")) {
    event.preventDefault();
    history.pushState(null, "", button.getAttribute("href"));
    location.search.includes("as=") === Boolean(document.body.dataset.seat) ? await whole() : location.reload();
    listen();
  } else if (button.dataset.slack || button.dataset.wecom) await press(button);
  else if (button.dataset.say) { stay(button); await post("/write", { pane: "leaver", case: "", text: button.dataset.say }); }
  else if (button.dataset.view) show(button.dataset.view);
  else if (button.dataset.do && (await sure(button))) {
    shut(button.closest("details.drop"));
    stay(button);
    await post("/do", { what: button.dataset.do, arg: button.dataset.arg || "", look: document.body.dataset.look });
  }
});

document.addEventListener("change", (event) => {
  if (event.target.id === "slot-impostor") post("/do", { what: "be", arg: event.target.value, look: document.body.dataset.look });
});

// Without a mouse: arrows go from message to message and from conversation to conversation, as the chat programs do it,
// so that nobody has to go through every button of a long history. What uses arrows itself keeps them.
const STEPS = { ArrowUp: -1, ArrowDown: 1 };
const SIDES = { ArrowLeft: -1, ArrowRight: 1 };

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const log = event.target.closest(".log");
  const free = log && !event.shiftKey && !event.target.matches("input, select, pre");
  if (event.key === "F6") goPane(event.target, event.shiftKey ? -1 : 1);
  else if (free && SIDES[event.key]) goPane(log, SIDES[event.key]);
  else if (free && STEPS[event.key]) goMessage(log, event.target, STEPS[event.key]);
  else return;
  event.preventDefault();
});

function goPane(from, step) {
  const panes = [...document.querySelectorAll(".pane")];
  const at = panes.indexOf(from.closest(".pane"));
  const pane = at < 0 ? panes.at(step > 0 ? 0 : -1) : panes[(at + step + panes.length) % panes.length];
  show(pane.id.slice(5));
  pane.querySelector(".log").focus();
}

// The newest first: that is the one which waits for somebody.
function goMessage(log, from, step) {
  const all = [...log.querySelectorAll(".entry, .fact")];
  const at = all.indexOf(from.closest(".entry, .fact"));
  (at < 0 ? all.at(-1) : all[at + step])?.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = document.activeElement?.closest("details.drop[open], details.overflow[open]");
  shut(open);
});

// Enter in a card's own field sends it, as everywhere else.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing || !event.target.matches(".entry .field input, .pick input")) return;
  const beside = event.target.closest(".pick")?.querySelector("button");
  const sends = [...event.target.closest(".entry").querySelectorAll("button[data-slack]:not(:disabled)")];
  (beside || sends.find((one) => /^answer:.*:submit$/.test(JSON.parse(one.dataset.slack).action_id)) || sends[0])?.click();
  event.preventDefault();
});

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches(".composer")) return;
  event.preventDefault();
  const field = form.elements.text;
  const text = field.value;
  if (!text.trim()) return;
  field.value = "";
  delete form.closest(".pane").querySelector(".log").dataset.away;
  if (!(await post("/write", { pane: form.dataset.pane, case: form.dataset.case, text }))) field.value = text;
});

document.addEventListener("toggle", (event) => fill(event.target), true);

async function fill(details) {
  if (!details.open || !details.dataset.payload) return;
  const asked = await fetch(`/payload/${details.dataset.payload}?look=${document.body.dataset.look}`);
  details.querySelector("pre").textContent = await asked.text();
}

// ---------------------------------------------------------------- which pane is looked at

function show(id) {
  const pane = $(`pane-${id}`);
  if (!pane) return;
  views[`g${pane.dataset.group}`] = id;
  views.here = id;
  arrange();
  settle(pane.querySelector(".log"));
}

// The admins' channel of one look is their private chat in the other: who was where the case is stays there.
function translated(from, to) {
  const [here, there] = from === to ? [] : to === "slack" ? ["admin", "admins"] : ["admins", "admin"];
  for (const [key, id] of Object.entries(views)) if (id === here && $(`pane-${there}`)) views[key] = there;
}

function arrange() {
  const panes = [...document.querySelectorAll(".pane")];
  if (!views.here || !$(`pane-${views.here}`)) views.here = panes[0]?.id.slice(5);
  for (const pane of panes) {
    const id = pane.id.slice(5);
    const group = `g${pane.dataset.group}`;
    if (!views[group] || !$(`pane-${views[group]}`)) views[group] = id;
    pane.classList.toggle("on", views[group] === id);
    pane.classList.toggle("here", views.here === id);
  }
  for (const button of document.querySelectorAll("[data-view]")) {
    const id = button.dataset.view;
    const tab = Boolean(button.closest(".tabs"));
    const on = tab ? views[`g${$(`pane-${id}`).dataset.group}`] === id : views.here === id;
    button.setAttribute("aria-pressed", String(on));
    if (on && button.offsetParent) for (const one of document.querySelectorAll(`[data-view="${id}"] .fresh`)) one.hidden = true;
  }
}

function fresh(pane) {
  const section = $(`pane-${pane}`);
  if (section && !section.offsetParent)
    for (const one of document.querySelectorAll(`[data-view="${pane}"] .fresh`)) one.hidden = false;
}

// ---------------------------------------------------------------- what the server pushes

const made = (html) => {
  const box = document.createElement("template");
  box.innerHTML = html.trim();
  return box.content.firstElementChild;
};

// A message that is redrawn keeps what was typed and ticked in it, whether its payload is open, and the focus.
function replace(old, entry) {
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const open = old.querySelector("details.payload")?.open;
  for (const field of old.querySelectorAll("input[id], select[id]")) {
    const twin = entry.querySelector(`#${CSS.escape(field.id)}`);
    if (twin && twin.type === field.type) [twin.value, twin.checked] = [field.value, field.checked];
  }
  old.replaceWith(entry);
  if (open) entry.querySelector("details.payload").open = true;
  if (focused) (focused.id && entry.querySelector(`#${CSS.escape(focused.id)}:not(:disabled)`) || entry).focus({ preventScroll: true });
}

function insert(list, entry, after) {
  if (after === "") list.prepend(entry);
  else if (after && $(after)) $(after).after(entry);
  else list.append(entry);
}

// Returns the message when it is new and its reader wants to see it.
function put(one) {
  if (one.shell && !$(one.shell.id)) $(one.shell.list)?.append(made(one.shell.html));
  const list = $(one.list);
  if (!list) return;
  const old = $(one.id);
  if (old && one.once) return;
  const log = list.closest(".log");
  const follow = !old && follows(log);
  const entry = made(one.html);
  old ? replace(old, entry) : insert(list, entry, one.after);
  if (!old) fresh(one.pane);
  return follow ? log : null;
}

function putAll(entries) {
  const logs = new Set(entries.map(put));
  for (const log of document.querySelectorAll(".log")) logs.has(log) ? settle(log) : log.dataset.away || placed(log);
}

function slots(all) {
  for (const [name, html] of Object.entries(all)) {
    const slot = $(`slot-${name}`);
    if (!slot) continue;
    if (slot.matches("select")) { if (document.activeElement !== slot) slot.value = html; continue; }
    if (slot.dataset.html === html) continue;
    const focus = slot.contains(document.activeElement) ? document.activeElement.id : "";
    slot.dataset.html = html;
    slot.innerHTML = html;
    if (focus) ($(focus) || $("panes")).focus({ preventScroll: true });
  }
}

let fetching = null;
const whole = () => (fetching ||= fetchWhole().finally(() => (fetching = null)));

// What was typed, ticked and chosen, also where it is not shown just now: the other look has other fields.
const drafts = new Map();
const fields = () => document.querySelectorAll("main input[id], main select[id]");
const ticked = (field) => field.type === "checkbox" || field.type === "radio";
const nameOf = (field) => (ticked(field) ? `${field.closest(".entry")?.id} ${field.value}` : field.id);
function keep() {
  for (const field of fields()) drafts.set(nameOf(field), ticked(field) ? field.checked : field.value);
}
function putBack() {
  for (const field of fields()) {
    const draft = drafts.get(nameOf(field));
    if (draft === undefined) continue;
    if (ticked(field)) field.checked = draft;
    else if (!field.options || [...field.options].some((option) => option.value === draft)) field.value = draft;
  }
}

// Where the focus was, or what stands around it.
function refocus(ids) {
  for (const id of ids) {
    $(id)?.focus({ preventScroll: true });
    if (document.activeElement !== document.body) return;
  }
}
function around(element) {
  const ids = [];
  for (let one = element; one && one !== document.body; one = one.parentElement) if (one.id) ids.push(one.id);
  return ids.length ? [...ids, "panes"] : [];
}

// Another language, another look, a new beginning: everything is fetched and put in, drafts and focus stay.
async function fetchWhole() {
  for (;;) {
    const wanted = location.href;
    const answer = await fetch(location.href).catch(() => null);
    if (!answer?.ok) return say(answer ? document.body.dataset.undrawn : document.body.dataset.offline);
    const text = await answer.text();
    if (wanted !== location.href) continue; // meanwhile another look was asked for
    const page = new DOMParser().parseFromString(text, "text/html");
    keep();
    const focus = around(document.activeElement);
    document.documentElement.lang = page.documentElement.lang;
    document.title = page.title;
    const look = document.body.dataset.look;
    for (const [key, value] of Object.entries(page.body.dataset)) document.body.dataset[key] = value;
    document.body.replaceChildren(...page.body.childNodes);
    putBack();
    translated(look, document.body.dataset.look);
    ready();
    refocus(focus); // now that it is seen again
    const drawn = Number(document.body.dataset.version);
    document.body.dataset.seen = drawn;
    if (seen.version <= drawn) { seen.version = drawn; return; }
  }
}

let source = null;
function listen() {
  source?.close();
  const { look, version } = document.body.dataset;
  source = new EventSource(`/stream?look=${look}&version=${version}`);
  source.addEventListener("frame", (event) => {
    const frame = JSON.parse(event.data);
    seen.version = Math.max(seen.version, frame.version);
    putAll(frame.entries);
    slots(frame.slots);
    document.body.dataset.seen = seen.version;
  });
  source.addEventListener("whole", whole);
  source.addEventListener("error", () => { if (source.readyState === EventSource.CONNECTING) say(document.body.dataset.offline); });
  source.addEventListener("open", () => { if ($("slot-note").textContent === document.body.dataset.offline) $("slot-note").replaceChildren(); });
}

function ready() {
  arrange();
  document.querySelectorAll(".log").forEach(settle);
}

window.addEventListener("popstate", async () => { await whole(); listen(); });
window.addEventListener("resize", () => { arrange(); resized(); });
ready();
listen();
