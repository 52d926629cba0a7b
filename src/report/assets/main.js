'use strict';
// What the pictures share, and their start once the page is there.
landauer.page = (() => {
  const create = (tag, attributes, children = []) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children);
    return node;
  };
  const font = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const shorten = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
  const figure = (value) => {
    if (value === 0) return '0';
    const size = Math.abs(value);
    return size >= 1e6 || size < 1e-4 ? value.toExponential(2)
      : value.toLocaleString('en', { maximumSignificantDigits: size >= 1000 ? 4 : 3 });
  };
  // A legend: [class of the key, words, sign in the key] each; key and words stay together.
  const keys = (items) => create('p', { class: 'legend' }, items.map(([kind, words, sign = '']) =>
    create('span', { class: 'item' }, [create('span', { class: `key ${kind}` }, [sign]), words])));
  // A choice among a few: buttons, of which one is pressed.
  const choice = (label, names, choose) => {
    const buttons = names.map((name, i) => {
      const node = create('button', { type: 'button', 'aria-pressed': String(i === 0) }, [name]);
      node.addEventListener('click', () => {
        buttons.forEach((other) => other.setAttribute('aria-pressed', String(other === node)));
        choose(i);
      });
      return node;
    });
    return create('p', { class: 'choice', role: 'group', 'aria-label': label }, buttons);
  };
  // Draws now, and again when the theme or the width changes; a place draws one picture at a time.
  const drawers = new Map();
  const widths = new WeakMap();
  const sizes = new ResizeObserver((entries) => entries.forEach(({ target }) => {
    // In a later frame: drawing changes sizes, and the observer must not see that in its own turn.
    if (widths.get(target) !== target.clientWidth) requestAnimationFrame(() => run(target));
  }));
  const run = (place) => {
    widths.set(place, place.clientWidth);
    drawers.get(place)();
  };
  const redraw = (place, draw) => {
    drawers.set(place, draw);
    run(place);
    sizes.observe(place);
  };
  landauer.onTheme(() => [...drawers.keys()].forEach(run));
  const plotStyle = { background: 'transparent', color: 'var(--quiet)', fontFamily: font, fontSize: '12px', overflow: 'visible' };
  return { create, colour, font, shorten, figure, choice, keys, redraw, plotStyle };
})();

(() => {
  const button = document.getElementById('theme');
  const label = () => {
    button.textContent = landauer.theme() === 'dark' ? 'Light' : 'Dark';
  };
  button.addEventListener('click', landauer.switchTheme);
  landauer.onTheme(label);
  label();
  // Paper has nothing to click on.
  window.addEventListener('beforeprint', () => document.querySelectorAll('details').forEach((node) => { node.open = true; }));
  document.querySelectorAll('details').forEach((node) => { node.open = false; });
  const runs = JSON.parse(document.getElementById('data').textContent);
  landauer.runs = runs;
  const kinds = {
    'law-plot': landauer.lawPlot, 'image-law-plot': landauer.imageLawPlot, 'phase-plot': landauer.phasePlot, 'trace-plot': landauer.tracePlot,
    'forest-plot': landauer.forestPlot, 'law-pair-plot': landauer.lawPairPlot, 'pareto-plot': landauer.paretoPlot,
    'size-curve-plot': landauer.sizeCurve, 'kept-plans': landauer.keptPlans,
    'learning-curve-plot': landauer.learningCurve,
  };
  for (const [name, draw] of Object.entries(kinds)) {
    for (const place of document.getElementsByClassName(name)) draw(place, runs[Number(place.dataset.run)]);
  }
})();
