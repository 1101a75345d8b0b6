"""Two-word names: a kind adjective and something that lives or grows, drawn from an id.

People tell voices in a matter apart by such a name and an ornament. A name says nothing about the
member behind it, is the same wherever the id is shown, and is no identifier: 65,536 names are few,
so two ids may share one.
"""

import hashlib
from typing import Final

ADJECTIVES: Final = tuple(
    """
able agile airy alert amber ample apt ashen astute autumn awake azure balmy bold bonny brave
breezy bright brisk bronze candid careful caring cedar cheerful chestnut civil classic clear
clever cloudy coastal copper coral cordial cosy crimson crisp curious dapper daring dawn dear
deep deft dewy diligent dotted downy dreamy dulcet dusky eager early earnest earthy easy ebony
emerald endless even evening exact fabled fair faithful famous fearless fern festive fine fleet
floral fluent fluffy fond forest forward frank fresh friendly frosty gallant generous gentle
gilded glad gleaming glossy golden gracious grand grateful green hale handy happy hazel hearty
helpful hilly honest hopeful humble indigo inland inner island ivory jaunty jolly jovial joyful
juniper keen kind lasting leafy learned level lilac limber lofty loyal lucid lucky lunar lush
magenta maple marble maroon mellow merry mild misty modest moonlit morning mossy musical neat
nimble noble novel oaken oceanic olive open orchard ornate patient peaceful pearly pensive
placid playful plucky poised polite prudent pure quiet radiant rainy rapid regal restful
rhythmic ripe river robust rosy rural russet rustic saffron sage sandy sapphire scarlet scenic
serene shady shining silent silver sincere sleek smart smiling smooth snowy snug soaring social
soft solar solid speckled spirited splendid spring spry stable starry steady stellar stout
striped sturdy sublime summer sunlit sunny supple sweet swift tall tawny teal tender thankful
thorough thoughtful tidy timely tranquil true trusty truthful tuneful twilight umber upbeat
upland upright valiant vast velvet verdant vernal versed violet vivid waking warm watchful wavy
willing wise witty wooden woolly worthy zesty
""".split()  # noqa: SIM905
)

NOUNS: Final = tuple(
    """
acorn albatross alder anchor antler apple apricot arch aspen badger bagel bamboo barley basil
basin beacon bear beaver bee beech bell berry birch bison blackbird blossom bluebell bobolink
book bramble branch breeze bridge brook bunting buttercup butterfly cabin candle canyon
capercaillie cardinal caribou chamois cherry chickadee cicada clay cloud clover comet compass
condor cornflower cottage cove crane creek crest crocus curlew cypress daffodil dahlia daisy
deer delta dipper dolphin dormouse dragonfly duck dune eagle echo egret elk elm ember estuary
falcon feather fennel ferret fiddle field finch firefly fjord flamingo flax flute fountain fox
foxglove gannet garden garnet gazelle gentian geyser ginkgo glacier glen goldfinch gorse grebe
grove hamlet harbour harp heath heather hedgehog heron holly honeycomb hoopoe horizon horse ibis
inlet iris ivy jackdaw jay kestrel kettle kingfisher kite lagoon lake lamb lantern larch lark
lavender leaf lemon lighthouse linden linnet loom lotus lupin lynx magnolia mango marigold
marmot marten meadow mimosa mint moon moose moss mulberry myrtle narwhal newt nightingale
nuthatch oak oasis ocean orbit orchid oriole osprey otter owl oyster panda pansy peach pear
pebble peony petrel pheasant pigeon pine plateau plover plum pond poplar poppy prairie puffin
quail quartz quill quince rabbit rainbow raven redstart reed reef reindeer robin rose rosemary
rowan saddle sail salmon sandpiper sapling seal seashell shore skylark snow sorrel sparrow
spindle spruce squirrel star starling stream sun sunflower swallow swan sycamore teapot tern
thimble thistle thrush thyme tide trail trout tulip turtle vale valley vine vole wagtail walnut
warbler waterfall waxwing whale wheat willow wind wren yew zebra
""".split()  # noqa: SIM905
)


def two_word_name(text: str) -> str:
    """Return the name of an id, such as "Mossy heron".

    The first two bytes of SHA-256(`civic/two-words/1` newline id) choose adjective and noun from
    the two lists of 256; changing a list renames people, so the lists stay as they are.
    """
    first, second = hashlib.sha256(b"civic/two-words/1\n" + text.encode()).digest()[:2]
    return f"{ADJECTIVES[first].capitalize()} {NOUNS[second]}"
