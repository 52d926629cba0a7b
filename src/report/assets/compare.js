'use strict';
// Two models' laws in one picture, and accuracy against cost.
landauer.lawPairPlot = (place, pair) => {
  const { create, colour, figure, redraw, choice, keys, shorten, plotStyle } = landauer.page;
  if (!pair.laws.length) {
    place.parentElement.hidden = true;
    return;
  }
  let shown = 0;
  const names = pair.laws.map((law) => (law.unit === law.header ? law.header : `${law.header} (${law.unit})`));
  const picture = create('div', { class: 'picture' });
  const formulas = create('div', {});
  const paints = ['clamp1', 'clamp0'];
  place.append(choice('Cost', names, (i) => {
    shown = i;
    draw();
  }), picture, keys(pair.laws[0].models.map((model, i) => [i ? 'candidate' : 'base', shorten(model.name, 60)])),
  create('p', { class: 'quiet' }, ['Dots are means of a prompt, bands are 95 % intervals of the law.']), formulas);

  function draw() {
    const law = pair.laws[shown];
    const width = Math.max(280, Math.min(place.clientWidth, 1040));
    const lines = law.models.map((model) => model.line.map(([x, low, y, high]) => ({ x, low, y, high })));
    const points = law.models.flatMap((model, i) => model.points.map(([x, y, id]) => ({ x, y, id, i, name: model.name })));
    const marks = lines.flatMap((line, i) => [
      Plot.areaY(line, { x: 'x', y1: 'low', y2: 'high', fill: colour(paints[i]), fillOpacity: 0.18 }),
      Plot.lineY(line, { x: 'x', y: 'y', stroke: colour(paints[i]), strokeWidth: 2 }),
    ]);
    picture.replaceChildren(Plot.plot({
      width, height: Math.round(Math.max(280, Math.min(420, width * 0.48))),
      marginLeft: 56, marginRight: 20, marginTop: 28, marginBottom: 44, style: plotStyle,
      ariaLabel: `${names[shown]} of both models against ${law.x}`,
      x: { label: `${law.x} →`, labelAnchor: 'right', ticks: width < 500 ? 3 : 8, zero: true },
      y: { label: `↑ ${names[shown]}`, grid: true, ticks: 6, zero: true },
      marks: [
        Plot.ruleY([0], { stroke: colour('line') }), ...marks,
        Plot.dot(points, { x: 'x', y: 'y', r: 3, fill: (p) => colour(paints[p.i]), fillOpacity: 0.8 }),
        Plot.tip(points, Plot.pointer({ x: 'x', y: 'y', title: (p) => `${shorten(p.name, 40)}\n${shorten(p.id, 40)}: ${figure(p.y)}${law.unit === '1' ? '' : ` ${law.unit}`}`, fill: colour('paper'), stroke: colour('line') })),
      ],
    }));
    formulas.replaceChildren(...law.models.map((model) => create('p', { class: 'formula' }, [`${shorten(model.name, 60)}: ${model.formula}`])));
  }
  redraw(place, draw);
};

landauer.paretoPlot = (place, { pareto, cost, unit }) => {
  const { create, colour, figure, redraw, shorten, plotStyle } = landauer.page;
  if (!pareto.length) return;
  const picture = create('div', { class: 'picture' });
  place.append(picture);
  const front = pareto.filter((p) => p.front).sort((a, b) => a.cost - b.cost);
  function draw() {
    const width = Math.max(280, Math.min(place.clientWidth, 760));
    const label = `${cost} a prompt${unit === '1' || unit === cost ? '' : ` (${unit})`}`;
    picture.replaceChildren(Plot.plot({
      width, height: Math.round(Math.max(260, width * 0.5)), marginLeft: 56, marginRight: 40, marginTop: 28, marginBottom: 44,
      style: plotStyle, ariaLabel: `accuracy against ${label}`, inset: 28,
      x: { label: `${label} →`, labelAnchor: 'right', ticks: width < 500 ? 3 : 6 },
      y: { label: '↑ accuracy (points)', grid: true, ticks: 5 },
      marks: [
        Plot.lineY(front, { x: 'cost', y: 'accuracy', stroke: colour('good'), strokeDasharray: '4 4', strokeWidth: 1.4 }),
        Plot.ruleY(pareto, { y: 'accuracy', x1: 'cost_low', x2: 'cost_high', stroke: colour('quiet') }),
        Plot.ruleX(pareto, { x: 'cost', y1: 'accuracy_low', y2: 'accuracy_high', stroke: colour('quiet') }),
        Plot.dot(pareto, { x: 'cost', y: 'accuracy', r: 5, fill: (p) => colour(p.front ? 'good' : 'quiet') }),
        Plot.text(pareto, { x: 'cost', y: 'accuracy', dy: -12, lineAnchor: 'bottom', text: (p) => shorten(p.name, width < 500 ? 14 : 36), fill: colour('ink'), stroke: colour('paper'), strokeWidth: 4 }),
        Plot.tip(pareto, Plot.pointer({ x: 'cost', y: 'accuracy', title: (p) => `${p.name}\n${figure(p.cost)} ${unit}, ${figure(p.accuracy)} points`, fill: colour('paper'), stroke: colour('line') })),
      ],
    }));
  }
  redraw(place, draw);
};
