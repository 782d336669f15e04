"""Words that names are made of, with their reading in pinyin.

Everything here is invented or so common that it names nobody and no place.
"""

COUNTY = "澄湾县"


def _weighted(text):
    """``"王 72 李 71"`` as a flat list with each word repeated by its weight."""
    words = text.split()
    return [
        word
        for word, weight in zip(words[::2], words[1::2], strict=True)
        for _ in range(int(weight))
    ]


#: Surnames by frequency per mille in the population.
SURNAMES = _weighted(
    "王 72 李 71 张 67 刘 54 陈 45 杨 31 黄 22 赵 21 吴 20 周 20 徐 15 孙 14 马 13 "
    "朱 12 胡 12 郭 11 何 11 林 11 高 10 罗 10 郑 9 梁 8 谢 8 宋 7 唐 7 许 7 韩 7 邓 6 "
    "冯 6 曹 6 彭 6 曾 6 肖 6 田 5 董 5 潘 5 袁 5 蔡 5 蒋 5 余 5 于 5 杜 4 叶 4 程 4 "
    "魏 4 苏 4 吕 4 丁 4 任 4 卢 4 姚 4 沈 4 钟 4 姜 4 崔 4 谭 3 陆 3 范 3 汪 3 廖 3 "
    "石 3 金 3 韦 3 贾 3 夏 3 付 3 方 3 邹 3 熊 3 白 3 孟 3 秦 3 邱 3 侯 3 江 3 尹 2 "
    "薛 2 闫 2 段 2 雷 2 龙 2 黎 2 史 2 陶 2 贺 2 毛 2 郝 2 顾 2 龚 2 邵 2 万 2 覃 2 "
    "武 2 钱 2 戴 2 严 2 莫 2 孔 2 向 2 常 2 欧阳 1"
)

# Given names by sex and age: (first characters, second characters, single names).
MALE_OLD = (
    "建志国文永德家光正忠清春福兴明立",
    "国华军平林生明荣贵成福才良根发富",
    "军强勇伟刚明华",
)
FEMALE_OLD = (
    "秀桂玉凤春美月金爱惠素兰",
    "英兰珍梅芳琴华荣莲香云娥菊花",
    "芳英敏霞燕玲",
)
MALE_YOUNG = (
    "子浩宇俊志文嘉明泽天一晓",
    "轩然涵杰宇豪鹏飞辰阳博辉涛峰",
    "磊涛鹏杰超浩斌波",
)
FEMALE_YOUNG = (
    "雨梓佳思欣小晓诗雅静若慧",
    "涵萱怡婷琪颖雪琳妍娜瑶月",
    "婷静丽娜娟颖琳",
)
#: Characters that GBK does not know, as registry offices meet them in names.
RARE_CHARACTERS = ("䶮", "𠮷", "㛃", "𬭎")

VILLAGE_FIRST = "柳桃石白青上下大小东西南北双三龙凤杨梅竹枫荷清黄高新古金长松茶樟银云月"
VILLAGE_SECOND = "塘溪湾坪桥岭冲坡源洞口田井坝洲潭畈湖庄埠"
ESTATE_FIRST = "锦翠丽金阳滨福康和嘉景盛"
ESTATE_SECOND = "绣竹湖江光河泽秀悦安宁园"
ESTATE_TYPES = ("花园", "家园", "小区", "公寓")
ROADS = (
    "人民路 解放路 建设路 新华街 文化街 滨河路 迎宾大道 振兴大道 工业大道 学府路 "
    "和平街 平安街"
).split()
BRAND_FIRST = "恒金宏华盛瑞鑫天东永兴隆德嘉"
BRAND_SECOND = "泰源达丰茂兴和盛利通润安"

#: Towns, and stations named after them; the first is the main station.
TOWNS = (
    "云溪 青石 柳坪 白沙 龙泉 石桥 梅岭 双河 枫林 清水 高田 金竹 古井 长湖 松坪 茶源 "
    "南洲 北坝 东埠 西岭 上洲 下湾 新塘 大洞 荷塘 桃源 银杏 樟潭 月湖 黄沙 杨庄 凤鸣 "
    "竹溪 三江 双龙 青田 白水 石潭 清源 龙井 枫桥 梅溪"
).split()

_PINYIN = """
安an 坝ba 白bai 北bei 滨bin 斌bin 波bo 博bo 埠bu 才cai 蔡cai 曹cao 茶cha 长chang 常chang
超chao 晨chen 辰chen 陈chen 成cheng 程cheng 澄cheng 冲chong 春chun 崔cui 翠cui 达da 大da
戴dai 德de 邓deng 丁ding 东dong 董dong 洞dong 杜du 段duan 娥e 发fa 范fan 畈fan 方fang
芳fang 放fang 飞fei 丰feng 枫feng 峰feng 冯feng 凤feng 付fu 福fu 府fu 富fu 刚gang 高gao
根gen 工gong 龚gong 古gu 顾gu 光guang 贵gui 桂gui 郭guo 国guo 海hai 涵han 韩han 豪hao
郝hao 浩hao 何he 和he 河he 荷he 贺he 黑hei 恒heng 宏hong 侯hou 胡hu 湖hu 花hua 华hua
化hua 黄huang 辉hui 惠hui 慧hui 嘉jia 家jia 佳jia 贾jia 建jian 江jiang 姜jiang 蒋jiang
杰jie 解jie 金jin 锦jin 井jing 景jing 静jing 菊ju 娟juan 军jun 俊jun 康kang 孔kong 口kou
兰lan 磊lei 雷lei 黎li 李li 力li 立li 丽li 利li 莲lian 良liang 梁liang 廖liao 林lin
琳lin 玲ling 岭ling 刘liu 柳liu 龙long 隆long 卢lu 陆lu 路lu 罗luo 吕lv 马ma 茂mao
毛mao 梅mei 美mei 孟meng 民min 敏min 鸣ming 明ming 莫mo 娜na 南nan 宁ning 欧ou 潘pan
彭peng 鹏peng 平ping 坪ping 坡po 琪qi 钱qian 强qiang 桥qiao 琴qin 覃qin 秦qin 青qing
清qing 邱qiu 泉quan 然ran 人ren 任ren 荣rong 瑞rui 润run 若ruo 三san 沙sha 上shang
邵shao 设she 沈shen 生sheng 盛sheng 诗shi 石shi 史shi 双shuang 水shui 思si 松song
宋song 苏su 素su 孙sun 泰tai 谭tan 潭tan 汤tang 唐tang 塘tang 涛tao 陶tao 桃tao 天tian
田tian 婷ting 通tong 万wan 湾wan 汪wang 王wang 韦wei 伟wei 魏wei 文wen 吴wu 武wu 西xi
溪xi 霞xia 夏xia 下xia 香xiang 向xiang 小xiao 晓xiao 肖xiao 谢xie 欣xin 新xin 鑫xin
兴xing 杏xing 熊xiong 秀xiu 绣xiu 徐xu 许xu 轩xuan 萱xuan 学xue 薛xue 雪xue 雅ya 闫yan
严yan 妍yan 艳yan 燕yan 阳yang 杨yang 姚yao 瑶yao 叶ye 业ye 一yi 怡yi 银yin 尹yin 英ying
迎ying 颖ying 勇yong 永yong 于yu 余yu 宇yu 雨yu 玉yu 园yuan 袁yuan 源yuan 悦yue 月yue
云yun 曾zeng 泽ze 张zhang 樟zhang 赵zhao 珍zhen 振zhen 正zheng 郑zheng 志zhi 中zhong
忠zhong 钟zhong 周zhou 洲zhou 朱zhu 竹zhu 庄zhuang 子zi 梓zi 邹zou 爱ai 宾bin 港gang
黔qian 甲jia 䶮yan 𠮷ji 㛃jie 𬭎hong
"""
PINYIN = {entry[0]: entry[1:] for entry in _PINYIN.split()}
