#!/usr/bin/env bash
# What a GPU makes of a step, in about eight minutes: bash benchmarks/gpu.sh OUT [PYTHON]
#
# A JSON a measurement in OUT, `gpu.log` with their tables, one line a measurement that failed. It settles
#   float32, bf16                    what words, losses and AdamW add to the bare transformers: at most 1.10 x in bf16?
#   bf16 compiled, CUDA graphs       whether launches are what a step waits for, and if bare is twice as fast without them
#   batch 256                        whether a larger batch fills the card: steps of 64 are small
#   profile                          which operations are left
#   words, generator, motions        the word losses against gather-and-repeat; a generator's step; seconds a motion
# No corpus, no Hub and no spaCy is asked for. Steps of 64 motions of 196 frames, CLIP ViT-B/32's text tower, random weights.
set -u
out=${1:?where the numbers go}
python=${2:-python}
mkdir -p "$out"
log=$out/gpu.log

measure() {
    local name=$1 seconds=$2
    shift 2
    local begun=$SECONDS
    echo "== $name: $*" | tee -a "$log"
    if timeout "$seconds" "$python" -m "$@" >> "$log" 2>&1; then
        echo "   done in $((SECONDS - begun)) s" | tee -a "$log"
    else
        echo "   FAILED ($?) after $((SECONDS - begun)) s" | tee -a "$log"
    fi
}

"$python" -c 'import torch; print(torch.__version__, torch.version.cuda, torch.cuda.get_device_name())' | tee "$log"
step="benchmarks.step --device cuda --repeats 15"
measure float32 60 $step --out "$out/step_float32.json"
measure bf16 60 $step --precision bf16 --out "$out/step_bf16.json"
measure compiled 120 $step --precision bf16 --compiled --out "$out/step_compiled.json"
measure graphs 120 $step --precision bf16 --compiled --mode reduce-overhead --out "$out/step_graphs.json"
measure batch256 120 $step --precision bf16 --compiled --mode reduce-overhead --batch 256 --out "$out/step_batch256.json"
measure profile 60 benchmarks.profile_step --device cuda --precision bf16 --out "$out/profile.json"
measure words 60 benchmarks.word_losses --device cuda --out "$out/word_losses.json"
measure generator 90 benchmarks.generator_step --device cuda --out "$out/generator_step.json"
measure motions 60 benchmarks.motion_seconds --device cuda --out "$out/motion_seconds.json"
