'use strict';
// Ratios candidate over base on a logarithmic axis: the interval of each, the line at 1, the band of equivalence.
landauer.forestPlot = (place, pair) => {
  const { create, colour, redraw, keys, plotStyle } = landauer.page;
  const rows = pair.forest;
  if (!rows.length) return;
  const picture = create('div', { class: 'picture' });
  const percent = `${Number((100 * pair.margin).toPrecision(2))} %`;
  const kinds = [['better', 'better'], ['worse', 'worse'], ['equivalent', `equivalent within ${percent}`], ['unseparated', 'not separated']]
    .filter(([, words]) => rows.some((row) => words.startsWith(row.verdict)));
  place.append(picture, keys([...kinds, ['margin', `within ${percent} of the base`]]),
    create('p', { class: 'quiet' }, ['Left of the line the candidate has less of it. For speeds (t/s) more is better; for all else less is.']));

  const paints = { better: 'good', worse: 'bad', equivalent: 'accent', 'not separated': 'quiet' };
  const label = (row) => (row.better === 'higher' ? `${row.name} (t/s)` : row.name);
  const ticks = (low, high) => [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 2, 3, 4, 6, 10, 20, 50]
    .filter((t) => t >= low && t <= high);

  function spaced(list, low, high, width) {
    // Ticks that would touch are left out; 1 always stays.
    const at = (t) => (Math.log(t / low) / Math.log(high / low)) * width;
    const kept = [1];
    for (const t of list) if (kept.every((k) => Math.abs(at(k) - at(t)) > 34)) kept.push(t);
    return kept;
  }

  function draw() {
    const width = Math.max(280, Math.min(place.clientWidth, 1040));
    const narrow = width < 560;
    const low = Math.min(...rows.map((row) => row.low), 1 - 2 * pair.margin) / 1.06;
    const high = Math.max(...rows.map((row) => row.high), 1 + 2 * pair.margin) * 1.06;
    const marginLeft = narrow ? 104 : 150;
    const marginRight = narrow ? 16 : 170;
    const paint = (row) => colour(paints[row.verdict]);
    const svg = Plot.plot({
      width, height: 26 * rows.length + 64, marginLeft, marginRight, marginTop: 14, marginBottom: 42,
      ariaLabel: 'Ratios of every cost, candidate over base',
      style: plotStyle,
      x: { type: 'log', domain: [low, high], label: 'ratio, candidate over base', labelAnchor: 'center',
        ticks: spaced(ticks(low, high), low, high, width - marginLeft - marginRight), tickFormat: (t) => `${t}` },
      y: { domain: rows.map(label), label: null, tickSize: 0, tickPadding: 8 },
      marks: [
        Plot.rect([0], { x1: 1 - pair.margin, x2: 1 / (1 - pair.margin), fill: colour('accent'), fillOpacity: 0.16 }),
        Plot.gridY(rows.map(label), { stroke: colour('grid') }),
        Plot.ruleX([1], { stroke: colour('ink'), strokeWidth: 1.2 }),
        Plot.ruleY(rows, { y: label, x1: 'low', x2: 'high', stroke: paint, strokeWidth: 2.4 }),
        Plot.dot(rows, { y: label, x: 'ratio', r: 4.2, fill: paint }),
        ...(narrow ? [] : [Plot.text(rows, { y: label, frameAnchor: 'right', textAnchor: 'start', dx: 12, text: 'text', fill: colour('ink'), fontVariant: 'tabular-nums' })]),
        Plot.tip(rows, Plot.pointerY({ y: label, x: 'ratio', title: (row) => `${row.name}: ${row.text}\n${row.verdict}: ${row.words}`, fill: colour('paper'), stroke: colour('line') })),
      ],
    });
    picture.replaceChildren(svg);
  }
  redraw(place, draw);
};
