'use strict';
// The learning curve: divergence on held-out and on training text against the tokens trained on.
landauer.learningCurve = (place, { learning, stored }) => {
  const { create, colour, figure, redraw, keys, plotStyle } = landauer.page;
  const picture = create('div', { class: 'picture' });
  place.append(picture, keys([['line accent', 'held out'], ['line quiet', 'training, mean since the point before'], ['measured', 'held out, as the file is stored']]));
  redraw(place, () => {
    const width = Math.max(280, Math.min(place.clientWidth, 1040));
    const trained = learning.filter((point) => point.training !== null);
    const last = learning[learning.length - 1];
    const end = [{ tokens: last.tokens, held_out: stored }];
    const seen = [stored, ...learning.map((point) => point.held_out), ...trained.map((point) => point.training)];
    const [least, most] = [Math.min(...seen), Math.max(...seen)];
    picture.replaceChildren(Plot.plot({
      width, height: Math.round(Math.max(260, Math.min(380, width * 0.42))),
      marginLeft: 56, marginRight: 24, marginTop: 30, marginBottom: 44, style: plotStyle,
      ariaLabel: 'Divergence from the base against tokens trained on',
      x: { label: 'tokens trained on →', labelAnchor: 'right', ticks: width < 500 ? 4 : 8 },
      y: { label: '↑ KL(base || model), nats a token', grid: true, domain: [Math.max(0, least - 0.25 * (most - least)), most] },
      marks: [
        Plot.lineY(trained, { x: 'tokens', y: 'training', stroke: colour('quiet'), strokeWidth: 1.6, strokeDasharray: '4 3' }),
        Plot.lineY(learning, { x: 'tokens', y: 'held_out', stroke: colour('accent'), strokeWidth: 2.2, marker: 'circle' }),
        Plot.dot(end, { x: 'tokens', y: 'held_out', r: 6, fill: colour('good'), stroke: colour('paper') }),
        Plot.tip(learning, Plot.pointerX({ x: 'tokens', y: 'held_out', fill: colour('paper'), stroke: colour('line'),
          title: (point) => `${point.tokens} tokens\nheld out ${figure(point.held_out)} nats${point.training === null ? '' : `\ntraining ${figure(point.training)} nats`}` })),
      ],
    }));
  });
};
