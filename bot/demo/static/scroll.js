// Where a conversation stands: at what is newest, until its reader goes elsewhere. Loaded before page.js.
"use strict";

const wide = matchMedia("(min-width: 900px)");
const shownIn = (log) => log.offsetParent !== null;
const scrollerOf = (log) => (wide.matches ? log : document.scrollingElement);

// What of the screen a conversation may use: on a narrow one the page itself scrolls, under the tabs and over the
// line in which one writes.
function room(log) {
  if (wide.matches) {
    const box = log.getBoundingClientRect();
    return { top: box.top + 4, bottom: box.bottom - 4 };
  }
  const tabs = document.querySelector(".views");
  const line = log.closest(".pane").querySelector(":scope > .composer");
  return { top: (tabs?.offsetHeight || 0) + 4, bottom: innerHeight - (line?.offsetHeight || 0) - 4 };
}

// The whole of it where it fits, else its top.
function reveal(log, entry) {
  if (!entry || !shownIn(log)) return;
  const { top, bottom } = room(log);
  const box = entry.getBoundingClientRect();
  const below = entry.closest(".thread")?.querySelector(".composer")?.offsetHeight || 0;
  const last = wide.matches ? Math.min(box.bottom + below - bottom, box.top - top) : box.top - top;
  const scroller = scrollerOf(log);
  scroller.scrollTop += last;
  placed(log);
}

const number = (entry) => Number(entry.id.replace(/\D+/g, ""));

// The newest is not the last one where there are threads; the record has one order.
function newest(log) {
  const facts = log.querySelectorAll(".fact");
  if (facts.length) return facts[facts.length - 1];
  return [...log.querySelectorAll(".entry")].reduce((one, other) => (one && number(one) > number(other) ? one : other), null);
}

const settle = (log) => { delete log.dataset.away; reveal(log, newest(log)); };
const placed = (log) => { log.placed = scrollerOf(log).scrollTop; };

// Whoever scrolled away reads something; whoever is at the end wants to see what comes.
function follows(log) {
  const scroller = scrollerOf(log);
  return !log.dataset.away || scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 40;
}

document.addEventListener("scroll", (event) => {
  const log = event.target === document ? document.querySelector(".pane.here .log") : event.target;
  if (!log?.matches(".log")) return;
  if (Math.abs(scrollerOf(log).scrollTop - (log.placed ?? 0)) > 8) log.dataset.away = "yes";
}, true);

// On another kind of screen everything stands elsewhere; else what was being followed is followed on.
let was = wide.matches;
function resized() {
  const other = was !== wide.matches;
  was = wide.matches;
  for (const log of document.querySelectorAll(".log")) if (other || !log.dataset.away) settle(log);
}

// A menu opens where it is seen.
document.addEventListener("toggle", (event) => {
  if (event.target.open && event.target.matches?.("details.overflow")) {
    event.target.querySelector(".menu").scrollIntoView({ block: "nearest" });
  }
}, true);

// The payload of a message is a stop for Tab only after one went to that very message.
document.addEventListener("focusin", (event) => {
  const entry = event.target.closest(".entry");
  for (const summary of document.querySelectorAll(".payload > summary[tabindex='0']"))
    if (summary.closest(".entry") !== entry) summary.tabIndex = -1;
  if (entry && event.target === entry && entry.querySelector(".payload > summary")) entry.querySelector(".payload > summary").tabIndex = 0;
});
